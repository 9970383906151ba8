//! What is a level in which place.

use super::*;

#[test]
fn place_decides_which_words_count() {
    for (word, delimited, first, later) in [
        ("INFO", Some(9), Some(9), Some(9)),
        ("info", Some(9), Some(9), None),
        ("Warning", Some(13), Some(13), None),
        ("fine", Some(6), None, None),
        ("FINE", Some(6), Some(6), Some(6)),
        ("INF", Some(9), Some(9), Some(9)),
        ("E", Some(17), None, None),
        ("panic", Some(19), None, None),
        ("HTTP", None, None, None),
        ("default", None, None, None),
        ("INFOS", None, None, None),
        ("", None, None, None),
        ("123", None, None, None),
    ] {
        let found = [Place::Delimited, Place::First, Place::Later].map(|place| level(word, place));
        assert_eq!(found, [delimited, first, later], "{word}");
    }
}

#[test]
fn leading_levels_are_found_in_their_forms() {
    for (text, number, word, rest) in [
        ("ERROR: no space", 17, "ERROR", " no space"),
        ("error: no space", 17, "error", " no space"),
        ("Warning: old", 13, "Warning", " old"),
        ("WARNING:root:text", 13, "WARNING", "root:text"),
        ("[ERROR] text", 17, "ERROR", " text"),
        ("[WARN ] text", 13, "WARN", " text"),
        ("[info]: text", 9, "info", " text"),
        ("<error> text", 17, "error", " text"),
        ("FATAL text", 21, "FATAL", " text"),
        ("DEBUG\ttext", 5, "DEBUG", "\ttext"),
    ] {
        let found = leading(text).map(|(number, word, scanner)| (number, word, scanner.rest()));
        assert_eq!(found, Some((number, word, rest)), "{text}");
    }
}

#[test]
fn other_beginnings_are_no_levels() {
    for text in [
        "",
        "error",
        "ERROR",
        "Error in line 5",
        "errors: 5",
        "info about",
        "[main] text",
        "[ERROR text",
        "E: text",
        "[I] text",
        "ERROR-5: text",
        "INFORMATIONS text",
        "http: text",
        "default: text",
    ] {
        assert!(leading(text).is_none(), "{text}");
    }
}

#[test]
fn level_fields_are_found_among_the_first_words() {
    for (text, want) in [
        ("caller=x.go:1 level=warn msg=y", Some((13, "warn"))),
        ("level=\"error\" x", Some((17, "error"))),
        ("[severity=INFO] x", Some((9, "INFO"))),
        ("loglevel=warn", None),
        ("level=17 x", None),
        ("nothing", None),
    ] {
        assert_eq!(field(text), want, "{text}");
    }
}
