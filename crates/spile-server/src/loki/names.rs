//! Labels under OpenTelemetry's names.

/// Labels that have a name in the semantic conventions; all others keep theirs.
const CONVENTIONS: &[(&str, &str)] = &[
    ("service_name", "service.name"),
    ("service_namespace", "service.namespace"),
    ("service_version", "service.version"),
    ("service_instance_id", "service.instance.id"),
    ("namespace", "k8s.namespace.name"),
    ("namespace_name", "k8s.namespace.name"),
    ("k8s_namespace_name", "k8s.namespace.name"),
    ("pod", "k8s.pod.name"),
    ("pod_name", "k8s.pod.name"),
    ("k8s_pod_name", "k8s.pod.name"),
    ("container", "k8s.container.name"),
    ("container_name", "k8s.container.name"),
    ("k8s_container_name", "k8s.container.name"),
    ("node", "k8s.node.name"),
    ("node_name", "k8s.node.name"),
    ("k8s_node_name", "k8s.node.name"),
    ("cluster", "k8s.cluster.name"),
    ("host", "host.name"),
    ("hostname", "host.name"),
    ("host_name", "host.name"),
    ("filename", "log.file.path"),
    ("stream", "log.iostream"),
    ("env", "deployment.environment.name"),
    ("environment", "deployment.environment.name"),
    ("deployment_environment", "deployment.environment.name"),
];

/// Labels that name the service where `service_name` is not there, the best first; Loki itself goes by such a list.
const SERVICES: &[&str] = &[
    "service",
    "app",
    "application",
    "app_name",
    "name",
    "app_kubernetes_io_name",
    "container",
    "container_name",
    "k8s_container_name",
    "component",
    "workload",
    "job",
];

/// Names of labels, structured metadata and fields that hold the level, the best first.
const LEVELS: &[&str] =
    &["level", "severity", "severity_text", "log_level", "loglevel", "lvl", "detected_level"];

/// The attribute's name for a label.
pub(super) fn attribute(label: &str) -> &str {
    CONVENTIONS.iter().find(|(known, _)| *known == label).map_or(label, |(_, name)| name)
}

/// How good a label is as the service's name: less is better.
pub(super) fn service_rank(label: &str) -> Option<usize> {
    SERVICES.iter().position(|known| *known == label)
}

/// Whether a label or a piece of structured metadata holds the level.
pub(super) fn is_level(name: &str) -> bool {
    LEVELS.contains(&name)
}
