//! Names and numbers agree in both directions.
#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn short_names_are_known_in_any_case() {
    for number in 1..=24 {
        let name = severity_name(number);
        assert_eq!(severity_from_name(name), Some(number), "{name}");
        assert_eq!(severity_from_name(&name.to_lowercase()), Some(number));
        assert_eq!(severity_from_name(&format!(" {name}\t")), Some(number));
    }
    assert_eq!(
        (severity_name(0), severity_name(25), severity_name(255)),
        ("UNSPECIFIED", "UNSPECIFIED", "UNSPECIFIED")
    );
}

#[test]
fn table_is_in_order_and_each_name_is_found() {
    assert!(SEVERITY_NAMES.is_sorted_by_key(|(_, number)| *number));
    for (index, (name, number)) in SEVERITY_NAMES.iter().enumerate() {
        assert_eq!(severity_from_name(name), Some(*number));
        assert!(name.len() <= MAX_NAME_BYTES && *name == name.to_lowercase());
        assert!(SEVERITY_NAMES[..index].iter().all(|(other, _)| other != name), "{name} is there twice");
    }
    assert_eq!(SEVERITY_NAMES.iter().map(|(name, _)| name.len()).max(), Some(MAX_NAME_BYTES));
}

#[test]
fn aliases_follow_the_data_models_appendix() {
    for (name, number) in [
        ("Warning", WARN),
        ("ERR", ERROR),
        ("crit", ERROR2),
        ("Alert", ERROR3),
        ("EMERG", FATAL),
        ("notice", INFO2),
        ("Informational", INFO),
        ("SEVERE", ERROR),
        ("FINE", 6),
        ("CONFIG", 7),
        ("FINER", DEBUG),
        ("FINEST", TRACE),
        ("Verbose", DEBUG),
        ("dpanic", ERROR2),
        ("panic", ERROR3),
    ] {
        assert_eq!(severity_from_name(name), Some(number), "{name}");
    }
}

#[test]
fn levels_between_two_names_are_computed() {
    for (name, number) in
        [("INFO+2", 11), ("DEBUG-4", 1), ("ERROR+4", 21), ("ERROR+200", 24), ("TRACE-200", 1), ("WARN+0", 13)]
    {
        assert_eq!(severity_from_name(name), Some(number), "{name}");
    }
}

#[test]
fn unknown_names_are_unknown() {
    for name in [
        "",
        "x",
        "infos",
        "warn ing",
        "INFO+",
        "INFO+x",
        "+2",
        "-",
        "INFO+300",
        "a very long name indeed",
        "ÎNFO",
        "30",
    ] {
        assert_eq!(severity_from_name(name), None, "{name}");
    }
}

#[test]
fn syslog_letters_and_status_codes_map() {
    let syslog: Vec<u8> = (0..8).map(|severity| from_syslog(severity).unwrap().1).collect();
    assert_eq!(syslog, [21, 19, 18, 17, 13, 10, 9, 5]);
    for severity in 0..8 {
        let (name, number) = from_syslog(severity).unwrap();
        assert_eq!(severity_from_name(name), Some(number));
    }
    assert_eq!(from_syslog(8), None);
    assert_eq!(b"VDIWEFA".map(|letter| from_letter(letter).unwrap()), [1, 5, 9, 13, 17, 21, 21]);
    assert_eq!(from_letter(b'x'), None);
    assert_eq!([200, 304, 404, 499, 500, 503, 600].map(from_http_status), [9, 9, 13, 13, 17, 17, 9]);
}
