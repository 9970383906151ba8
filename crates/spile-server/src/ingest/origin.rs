//! What a file's path tells about the lines in it: the file, the pod and container that wrote it, and a name for the service.
//!
//! It is the same for all lines of a file, so it becomes their resource, which is stored once.

use std::path::Path;

use spile_lines::names;
use spile_proto::v1::KeyValue;

use super::convert::{number_attribute, text_attribute};

const LOG_FILE_PATH: &str = "log.file.path";
const CONTAINER_ID: &str = "container.id";
const NAMESPACE: &str = "k8s.namespace.name";
const POD: &str = "k8s.pod.name";
const POD_UID: &str = "k8s.pod.uid";
const CONTAINER: &str = "k8s.container.name";
const RESTART_COUNT: &str = "k8s.container.restart_count";

/// Endings of file names that say nothing about the service.
const PLAIN_ENDINGS: &[&str] = &["log", "txt", "out", "err", "json", "jsonl", "ndjson", "logs"];

/// The attributes of a file that is known by these paths: the one it was found at first, then those that it is a link to.
///
/// `service.name` is the container's name, or else the file's name without its ending and the marks of rotation.
pub(crate) fn of_paths(paths: &[&Path]) -> Vec<KeyValue> {
    let Some(first) = paths.first() else { return Vec::new() };
    let mut attributes = Vec::new();
    if let Some(name) = file_name(first) {
        attributes.push(text_attribute(names::LOG_FILE_NAME, name));
    }
    if first.parent().is_some_and(|parent| !parent.as_os_str().is_empty()) {
        attributes.push(text_attribute(LOG_FILE_PATH, first.to_string_lossy()));
    }
    let pod = Pod::of(paths);
    let service = pod.container.clone().or_else(|| service_name(&file_name(first)?));
    attributes.extend(service.map(|service| text_attribute(names::SERVICE_NAME, service)));
    attributes.extend(pod.into_attributes());
    attributes
}

/// What Kubernetes writes into the paths of container logs.
#[derive(Debug, Default, PartialEq, Eq)]
struct Pod {
    namespace: Option<String>,
    name: Option<String>,
    uid: Option<String>,
    container: Option<String>,
    container_id: Option<String>,
    restart_count: Option<i64>,
}

impl Pod {
    /// What the paths say together.
    fn of(paths: &[&Path]) -> Self {
        paths.iter().filter_map(|path| Self::of_path(path)).fold(Self::default(), |known, new| Self {
            namespace: known.namespace.or(new.namespace),
            name: known.name.or(new.name),
            uid: known.uid.or(new.uid),
            container: known.container.or(new.container),
            container_id: known.container_id.or(new.container_id),
            restart_count: known.restart_count.or(new.restart_count),
        })
    }

    fn of_path(path: &Path) -> Option<Self> {
        let parts: Vec<&str> = path.iter().map(|part| part.to_str().unwrap_or_default()).collect();
        match parts[..] {
            [.., "log", "pods", pod, container, file] => Self::of_pods(pod, container, file),
            [.., "log", "containers", file] => Self::of_containers(file),
            _ => None,
        }
    }

    /// `/var/log/pods/NAMESPACE_POD_UID/CONTAINER/RESTARTS.log`, also with the time of rotation behind it.
    fn of_pods(pod: &str, container: &str, file: &str) -> Option<Self> {
        let mut parts = pod.split('_');
        let (namespace, name, uid) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let restarts = file.split_once(".log").and_then(|(count, _)| count.parse().ok());
        Some(Self {
            namespace: some(namespace),
            name: some(name),
            uid: some(uid),
            container: some(container),
            container_id: None,
            restart_count: restarts,
        })
    }

    /// `/var/log/containers/POD_NAMESPACE_CONTAINER-ID.log`. Names have no underscore, the id no dash.
    fn of_containers(file: &str) -> Option<Self> {
        let mut parts = file.strip_suffix(".log")?.split('_');
        let (name, namespace, container) = (parts.next()?, parts.next()?, parts.next()?);
        let (container, id) = container.rsplit_once('-')?;
        if parts.next().is_some() {
            return None;
        }
        Some(Self {
            namespace: some(namespace),
            name: some(name),
            container: some(container),
            container_id: some(id),
            ..Self::default()
        })
    }

    fn into_attributes(self) -> impl Iterator<Item = KeyValue> {
        let texts = [
            (NAMESPACE, self.namespace),
            (POD, self.name),
            (POD_UID, self.uid),
            (CONTAINER, self.container),
            (CONTAINER_ID, self.container_id),
        ];
        let texts = texts.into_iter().filter_map(|(key, text)| Some(text_attribute(key, text?)));
        texts.chain(self.restart_count.map(|count| number_attribute(RESTART_COUNT, count)))
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn file_name(path: &Path) -> Option<String> {
    path.file_name().map(|name| name.to_string_lossy().into_owned())
}

/// The file's name without marks of rotation (`.1`, `-20240131`, `.2024-01-31`) and without an ending that says that it is a log.
fn service_name(file: &str) -> Option<String> {
    let mut name = without_date(file);
    while let Some((rest, number)) = name.rsplit_once('.')
        && !rest.is_empty()
        && has_shape(number.as_bytes(), &b"0".repeat(number.len()))
    {
        name = without_date(rest);
    }
    if let Some((rest, ending)) = name.rsplit_once('.')
        && PLAIN_ENDINGS.contains(&ending.to_ascii_lowercase().as_str())
    {
        name = without_date(rest);
    }
    some(name)
}

/// The name without a date at its end.
fn without_date(name: &str) -> &str {
    for shape in ["-00000000", "-0000-00-00"] {
        if let Some(at) = name.len().checked_sub(shape.len()).filter(|at| *at > 0)
            && has_shape(&name.as_bytes()[at..], shape.as_bytes())
        {
            return &name[..at];
        }
    }
    name
}

/// Whether there is a digit for each 0 of the shape, and one of `-`, `_`, `.` for each `-`.
fn has_shape(text: &[u8], shape: &[u8]) -> bool {
    let fits = |(byte, of): (&u8, &u8)| match of {
        b'0' => byte.is_ascii_digit(),
        _ => b"-_.".contains(byte),
    };
    !text.is_empty() && text.len() == shape.len() && text.iter().zip(shape).all(fits)
}
