//! Fills the places of a line.

use super::random::Random;
use super::services::HOSTS;
use super::template::{Piece, Place, Template};

const AGENTS: &[&str] = &[
    "okhttp/4.12.0",
    "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/143.0",
    "grpc-go/1.75.0",
    "python-requests/2.32.4",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Mobile/15E148",
    "curl/8.14.1",
    "kube-probe/1.33",
];
const FILES: &[&str] = &[
    "/var/lib/app/cache/index-",
    "/srv/data/wal/segment-",
    "/var/lib/containers/overlay/layer-",
    "/data/disk2/current/chunk-",
    "/tmp/upload-",
];
const JOBS: &[&str] =
    &["resize", "send-mail", "rebuild-index", "expire-sessions", "sync-prices", "push-notification"];
const METHODS: &[&str] = &["GET", "POST", "PUT", "DELETE", "PATCH"];
const PATHS: &[&str] = &[
    "/api/v1/products/",
    "/api/v1/orders/",
    "/api/v2/search/facets/",
    "/api/v1/users/",
    "/assets/img/",
    "/api/v1/carts/",
    "/internal/health/",
];
const TABLES: &[&str] =
    &["orders", "order_items", "stock_levels", "accounts", "shipments", "invoices", "price_lists"];
const THREADS: &[&str] =
    &["http-nio-8080-exec-", "pool-3-thread-", "scheduler-", "kafka-consumer-", "ForkJoinPool-1-worker-"];
const TOPICS: &[&str] =
    &["orders.created", "stock.changed", "payments.settled", "mail.outbound", "media.uploaded"];
const USERS: &[&str] = &[
    "amara", "boris", "chen", "dalia", "emeka", "farah", "goran", "hana", "ivan", "jonas", "kaito", "lena",
    "mateo", "nadia", "olga", "priya", "quentin", "rosa", "sven", "tariq", "ulrike", "vera", "wanja",
    "ximena", "yusuf", "zoe",
];
const CLASSES: &[&str] = &[
    "c.e.orders.OrderService.place(OrderService.java:",
    "c.e.orders.OrderController.create(OrderController.java:",
    "c.e.db.Transactions.run(Transactions.java:",
    "c.e.db.Pool.acquire(Pool.java:",
    "c.e.http.Dispatcher.handle(Dispatcher.java:",
    "c.e.http.Filters.next(Filters.java:",
    "java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:",
    "java.base/java.lang.Thread.run(Thread.java:",
];

/// How many machines there are in the network. As everywhere, some come much more often than others.
const ADDRESSES: usize = 4_000;

/// The name of host `n`.
pub(super) fn host(n: u64) -> String {
    format!("node-{n:02}.eu-west.example.net")
}

/// What is the same in all of a line.
pub(super) struct Line<'a> {
    /// Its own request id.
    pub(super) request: u64,
    /// Who writes it.
    pub(super) pod: &'a str,
    /// How many lines were written before it: what happens at one time is about the same things.
    pub(super) moment: u64,
}

/// Writes a line into `body`, which is emptied first.
pub(super) fn fill(body: &mut String, template: &Template, line: &Line<'_>, random: &mut Random) {
    body.clear();
    for piece in template.pieces() {
        match piece {
            Piece::Text(text) => body.push_str(text),
            Piece::Place(Place::Request) => hex(body, line.request, 16),
            Piece::Place(Place::Pod) => body.push_str(line.pod),
            Piece::Place(Place::Frames) => frames(body, random),
            // A block and an order are spoken of by several lines, one soon after the other.
            Piece::Place(Place::Block) => {
                body.push_str("blk_");
                hex(body, Random::new(line.moment / 64 + random.below(64)).bits(), 16);
            }
            Piece::Place(Place::Order) => {
                numbered(body, "ord-", 40_000_000 + line.moment / 64 + random.below(64), "");
            }
            Piece::Place(place) => value(body, *place, random),
        }
    }
}

fn value(body: &mut String, place: Place, random: &mut Random) {
    match place {
        Place::Agent => body.push_str(random.pick_skewed(AGENTS)),
        Place::Bytes => number(body, random.size(6, 22)),
        Place::Code4 => body.push_str(random.pick_skewed(&["404", "401", "429", "409", "400"])),
        Place::Code5 => body.push_str(random.pick_skewed(&["503", "500", "504", "502"])),
        Place::Disk => numbered(body, "/dev/nvme", random.below(4), "n1"),
        Place::File => numbered(body, random.pick_skewed(FILES), random.below(100_000), ".dat"),
        Place::Hex8 => hex(body, random.bits(), 8),
        Place::Host => body.push_str(&host(random.below(HOSTS))),
        Place::Ip => address(body, random.skewed(ADDRESSES) as u64),
        Place::Job => body.push_str(random.pick_skewed(JOBS)),
        Place::Method => body.push_str(random.pick_skewed(METHODS)),
        Place::Ms => thousandths(body, random.size(7, 18)),
        Place::N => number(body, random.size(2, 10)),
        Place::N2 => number(body, random.below(100_000)),
        Place::Path => numbered(body, random.pick_skewed(PATHS), random.skewed(50_000) as u64, ""),
        Place::Percent => number(body, random.below(100)),
        Place::Pid => number(body, 200 + random.below(32_000)),
        Place::Port => number(body, 32_768 + random.below(28_000)),
        Place::Sku => numbered(body, "SKU-", 10_000 + random.skewed(30_000) as u64, ""),
        Place::Small => number(body, random.below(8)),
        Place::Table => body.push_str(random.pick_skewed(TABLES)),
        Place::Thread => numbered(body, random.pick_skewed(THREADS), 1 + random.below(32), ""),
        Place::Topic => body.push_str(random.pick_skewed(TOPICS)),
        Place::User => {
            let user = random.skewed(USERS.len() * 400);
            numbered(body, USERS[user % USERS.len()], (user / USERS.len()) as u64, "");
        }
        Place::Uuid => uuid(body, random),
        Place::Block | Place::Frames | Place::Order | Place::Pod | Place::Request => {
            unreachable!("these are filled by who knows the line")
        }
    }
}

/// `digits` hexadecimal digits of the number's low end.
pub(super) fn hex(body: &mut String, number: u64, digits: u32) {
    for at in (0..digits).rev() {
        body.push(char::from_digit((number >> (at * 4)) as u32 & 15, 16).expect("four bits are a digit"));
    }
}

pub(super) fn number(body: &mut String, mut number: u64) {
    let mut digits = [0; 20];
    let mut from = digits.len();
    loop {
        from -= 1;
        digits[from] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    body.push_str(std::str::from_utf8(&digits[from..]).expect("digits are ASCII"));
}

fn numbered(body: &mut String, before: &str, n: u64, behind: &str) {
    body.push_str(before);
    number(body, n);
    body.push_str(behind);
}

/// 12345 as 12.345.
fn thousandths(body: &mut String, n: u64) {
    number(body, n / 1000);
    body.push('.');
    for digit in [n / 100 % 10, n / 10 % 10, n % 10] {
        number(body, digit);
    }
}

/// The address of a machine of the network.
fn address(body: &mut String, machine: u64) {
    let bits = Random::new(machine).bits();
    body.push_str("10.");
    for (at, bound) in [(0, 4), (8, 32), (16, 254)] {
        if at > 0 {
            body.push('.');
        }
        number(body, (bits >> at & 255) % bound);
    }
}

fn uuid(body: &mut String, random: &mut Random) {
    let (high, low) = (random.bits(), random.bits());
    hex(body, high >> 32, 8);
    for (part, digits) in [(high >> 16, 4), (high, 4), (low >> 48, 4), (low, 12)] {
        body.push('-');
        hex(body, part, digits);
    }
}

/// The frames of a stack, innermost first, a line each.
fn frames(body: &mut String, random: &mut Random) {
    for class in &CLASSES[random.below(4) as usize..] {
        body.push_str("\n\tat ");
        numbered(body, class, 20 + random.below(60), ")");
    }
}
