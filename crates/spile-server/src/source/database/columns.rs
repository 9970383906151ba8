//! What the columns of a table mean: what was said of them, else what their names suggest.

use spile_lines::Meaning;

use super::trouble::Trouble;

/// Names that columns of log tables have, the likeliest first. They are compared without regard to case.
const USUAL: &[(Meaning, &[&str])] = &[
    (
        Meaning::Time,
        &[
            "time",
            "timestamp",
            "ts",
            "@timestamp",
            "created_at",
            "createdat",
            "created",
            "logged_at",
            "event_time",
            "occurred_at",
            "inserted_at",
            "log_time",
            "datetime",
        ],
    ),
    (
        Meaning::Severity,
        &[
            "severity_number",
            "severity",
            "level",
            "severity_text",
            "log_level",
            "loglevel",
            "lvl",
            "levelname",
        ],
    ),
    (Meaning::Body, &["body", "message", "msg", "text", "log", "line", "log_message", "content"]),
    (Meaning::Service, &["service", "service_name", "service.name", "app", "application"]),
    (Meaning::Host, &["host", "hostname", "host_name", "host.name"]),
    (Meaning::TraceId, &["trace_id", "traceid", "trace.id"]),
    (Meaning::SpanId, &["span_id", "spanid", "span.id"]),
];

/// The meaning of each of these columns. Every meaning is given at most once.
pub(super) fn meanings(names: &[&str], said: &[(Meaning, String)]) -> Result<Vec<Meaning>, Trouble> {
    let mut meanings = vec![Meaning::Attribute; names.len()];
    for (meaning, column) in said {
        match names.iter().position(|name| name == column) {
            Some(at) => meanings[at] = *meaning,
            None => return Err(missing(column, names)),
        }
    }
    for (meaning, usual) in USUAL {
        if meanings.contains(meaning) {
            continue;
        }
        let free = |wanted: &str| {
            let is_it = |(at, name): (usize, &&str)| {
                meanings[at] == Meaning::Attribute && name.eq_ignore_ascii_case(wanted)
            };
            names.iter().enumerate().position(is_it)
        };
        if let Some(at) = usual.iter().find_map(|wanted| free(wanted)) {
            meanings[at] = *meaning;
        }
    }
    Ok(meanings)
}

/// A column that is named and is not there.
pub(super) fn missing(column: &str, names: &[&str]) -> Trouble {
    Trouble::Shape(format!("there is no column `{column}`; there are {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_names_have_their_meaning_and_what_is_said_comes_first() {
        let names = ["id", "created_at", "Time", "level", "msg", "text", "app", "trace_id"];
        let usual = meanings(&names, &[]).unwrap();
        let expected = [
            Meaning::Attribute,
            Meaning::Attribute,
            Meaning::Time,
            Meaning::Severity,
            Meaning::Body,
            Meaning::Attribute,
            Meaning::Service,
            Meaning::TraceId,
        ];
        assert_eq!(usual, expected);
        let said = [(Meaning::Time, "created_at".to_owned()), (Meaning::Body, "level".to_owned())];
        let said = meanings(&names, &said).unwrap();
        assert_eq!(said[1..5], [Meaning::Time, Meaning::Attribute, Meaning::Body, Meaning::Attribute]);
    }

    #[test]
    fn a_column_that_is_not_there_is_named_with_those_that_are() {
        let error = meanings(&["id", "msg"], &[(Meaning::Time, "at".into())]).unwrap_err();
        assert_eq!(error.to_string(), "there is no column `at`; there are id, msg");
    }
}
