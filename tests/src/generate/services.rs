//! The services that write, where they run, and how much each writes.

/// How many hosts there are.
pub const HOSTS: u64 = 50;

/// What kind of program a service is: services of a kind share lines, as programs share their libraries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Answers HTTP requests.
    Http,
    /// A Java program with a database.
    Java,
    /// Works on jobs from a broker.
    Worker,
    /// Keeps data on disks, with its peers.
    Storage,
    /// A daemon of the machine.
    Daemon,
}

/// A service. Its place in [`SERVICES`] decides its volume: the n-th writes 1/n of what the first one writes.
#[derive(Debug)]
pub struct Service {
    /// The attribute `service.name`.
    pub name: &'static str,
    /// The attribute `k8s.namespace.name`.
    pub namespace: &'static str,
    /// How many pods it runs in.
    pub pods: u64,
    pub(super) kind: Kind,
}

const fn service(name: &'static str, namespace: &'static str, pods: u64, kind: Kind) -> Service {
    Service { name, namespace, pods, kind }
}

/// All services, the loudest first.
pub const SERVICES: &[Service] = &[
    service("gateway", "edge", 12, Kind::Http),
    service("block-store", "storage", 12, Kind::Storage),
    service("checkout", "shop", 8, Kind::Http),
    service("orders", "shop", 8, Kind::Java),
    service("catalog", "shop", 6, Kind::Http),
    service("node-agent", "kube-system", 12, Kind::Daemon),
    service("search", "shop", 6, Kind::Http),
    service("inventory", "shop", 4, Kind::Java),
    service("payments", "finance", 4, Kind::Java),
    service("coordinator", "storage", 3, Kind::Storage),
    service("identity", "edge", 4, Kind::Http),
    service("recommender", "shop", 4, Kind::Worker),
    service("notifier", "messaging", 3, Kind::Worker),
    service("cart", "shop", 4, Kind::Http),
    service("shipping", "logistics", 3, Kind::Java),
    service("ledger-store", "finance", 3, Kind::Storage),
    service("thumbnailer", "media", 3, Kind::Worker),
    service("bastion", "edge", 2, Kind::Daemon),
    service("billing", "finance", 2, Kind::Java),
    service("mailer", "messaging", 2, Kind::Worker),
];

/// What the first service's volume counts; divisible enough that the others' are exact to a per mille.
const LOUDEST: u64 = 100_000;

/// The share of service `at` in all records, in the unit in which [`total_volume`] is the whole.
pub(super) fn volume(at: usize) -> u64 {
    LOUDEST / (at as u64 + 1)
}

/// The volume of all services.
pub(super) fn total_volume() -> u64 {
    (0..SERVICES.len()).map(volume).sum()
}
