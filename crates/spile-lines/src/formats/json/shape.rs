//! Loggers whose fields mean something only together: what the whole of a line tells about its parts.

use std::borrow::Cow;
use std::collections::HashSet;

use super::Entry;
use crate::fields::{Role, Scale, role_of};
use crate::severity::{INFO, UNSPECIFIED};
use crate::value::{Attribute, Value};

/// The facts about a line that give some of its fields a meaning.
#[derive(Default)]
struct Shape {
    bunyan: bool,
    python: bool,
    clef: bool,
    mongo: bool,
    log15: bool,
    serilog: bool,
    gelf: bool,
    otlp: bool,
    has_level: bool,
    has_target: bool,
    has_line: bool,
    has_file: bool,
    has_func: bool,
}

impl Shape {
    fn of(entries: &[Entry<'_>]) -> Self {
        let [mut pid, mut hostname, mut t, mut s, mut c, mut lvl] = [false; 6];
        let mut shape = Self::default();
        for entry in entries {
            match entry.name.as_ref() {
                "pid" => pid = true,
                "hostname" => hostname = true,
                "t" => t = true,
                "s" => s = true,
                "c" => c = true,
                "lvl" => lvl = true,
                "levelname" | "levelno" => shape.python = true,
                "@t" => shape.clef = true,
                "MessageTemplate" => shape.serilog = true,
                "short_message" => shape.gelf = true,
                "severityNumber" | "severityText" | "timeUnixNano" => shape.otlp = true,
                "level" => shape.has_level = true,
                "target" => shape.has_target = true,
                "line_number" | "lineno" => shape.has_line = true,
                "file" => shape.has_file = true,
                "func" => shape.has_func = true,
                _ => {}
            }
        }
        shape.bunyan = pid && hostname;
        shape.mongo = t && s && c;
        shape.log15 = t && lvl;
        shape
    }

    /// What a field means in such a line, where its name alone does not tell.
    fn role_of(&self, name: &str) -> Option<Role> {
        Some(match name {
            "name" if self.bunyan => Role::Service,
            "name" if self.python => Role::Logger,
            "process" if self.python => Role::Pid,
            "host" if self.gelf => Role::Host,
            "body" if self.otlp => Role::Message(1),
            "flags" if self.otlp => Role::TraceFlags,
            "filename" if self.has_line => Role::File,
            "file" if self.has_func => Role::Caller,
            "func" if self.has_file => Role::Function,
            "target" | "channel" if self.has_level => Role::Logger,
            "t" if self.mongo || self.log15 => Role::Time,
            "s" if self.mongo => Role::Level(Scale::BySize),
            "c" if self.mongo => Role::Logger,
            "ctx" if self.mongo => Role::ThreadName,
            "@l" if self.clef => Role::Level(Scale::Serilog),
            "Level" if self.serilog => Role::Level(Scale::Serilog),
            _ => return None,
        })
    }

    /// Whether the fields inside a map of this name are the line's own.
    fn is_transparent(&self, name: &str, inner: &[Attribute<'_>]) -> bool {
        match name {
            "fields" => self.has_target && self.has_level || inner.iter().any(|(name, _)| name == "message"),
            "jsonPayload" | "logging.googleapis.com/labels" => true,
            "Properties" => self.serilog,
            _ => false,
        }
    }
}

/// Gives fields the meaning that they have by the company they keep, and lifts nested ones that have a meaning to the top.
/// Tells the severity of a line that has no level.
pub(super) fn adapt(entries: &mut Vec<Entry<'_>>) -> u8 {
    let shape = Shape::of(entries);
    for entry in entries.iter_mut() {
        if let Some(role) = shape.role_of(&entry.name) {
            entry.role = role;
        }
        // CLEF doubles the @ of a user's own name.
        if shape.clef && entry.name.starts_with("@@") {
            entry.name.to_mut().remove(0);
            entry.role = Role::Attribute;
        }
    }
    lift(entries, &shape);
    if shape.clef { INFO } else { UNSPECIFIED }
}

/// Brings the fields of maps that are only a wrapping to the top, and ECS' nested ones under their dotted names.
fn lift(entries: &mut Vec<Entry<'_>>, shape: &Shape) {
    let mut lifted = Vec::new();
    entries.retain_mut(|entry| {
        let Value::Map(inner) = &mut entry.value else { return true };
        if shape.is_transparent(&entry.name, inner) {
            lifted.extend(
                std::mem::take(inner).into_iter().map(|(name, value)| (entry.name.clone(), name, value)),
            );
            return false;
        }
        if is_ecs(&entry.name) {
            lift_known(&entry.name, inner, &mut lifted);
            return !inner.is_empty();
        }
        true
    });
    if lifted.is_empty() {
        return;
    }
    let taken: HashSet<&str> = entries.iter().map(|entry| entry.name.as_ref()).collect();
    let taken: Vec<bool> = lifted.iter().map(|(_, name, _)| taken.contains(name.as_ref())).collect();
    for ((outer, name, value), is_taken) in lifted.into_iter().zip(taken) {
        let name = if is_taken { Cow::Owned(format!("{outer}.{name}")) } else { name };
        entries.push(Entry::new(name, value));
    }
}

/// Whether a map of this name may hold fields with a meaning.
fn is_ecs(name: &str) -> bool {
    matches!(
        name,
        "log"
            | "log.origin"
            | "log.origin.file"
            | "trace"
            | "span"
            | "service"
            | "host"
            | "process"
            | "process.thread"
    )
}

/// Takes the fields with a meaning out of a map, under their dotted names.
fn lift_known<'a>(
    prefix: &str,
    inner: &mut Vec<Attribute<'a>>,
    lifted: &mut Vec<(Cow<'a, str>, Cow<'a, str>, Value<'a>)>,
) {
    inner.retain_mut(|(name, value)| {
        let dotted = format!("{prefix}.{name}");
        if let Value::Map(deeper) = value {
            if is_ecs(&dotted) {
                lift_known(&dotted, deeper, lifted);
                return !deeper.is_empty();
            }
        } else if has_meaning(role_of(&dotted), value) {
            lifted.push((Cow::Borrowed(""), Cow::Owned(dotted), std::mem::replace(value, Value::Null)));
            return false;
        }
        true
    });
}

/// Whether a nested field is what its name says: ids are texts (Rust's tracing numbers its spans).
fn has_meaning(role: Role, value: &Value<'_>) -> bool {
    match role {
        Role::Attribute => false,
        Role::TraceId | Role::SpanId => matches!(value, Value::Str(_)),
        _ => true,
    }
}
