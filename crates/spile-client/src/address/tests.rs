//! Which addresses are taken, and what is said of the others.

use super::parse;

#[test]
fn forms_that_people_type_give_the_uri_they_mean() {
    for (given, uri) in [
        ("127.0.0.1:50051", "http://127.0.0.1:50051/"),
        ("logs.example.com", "http://logs.example.com:50051/"),
        ("logs:1", "http://logs:1/"),
        ("[::1]:9000", "http://[::1]:9000/"),
        ("[::1]", "http://[::1]:50051/"),
        ("http://localhost:8080", "http://localhost:8080/"),
        ("HTTP://localhost/", "http://localhost:50051/"),
    ] {
        assert_eq!(parse(given).unwrap().to_string(), uri, "{given}");
    }
}

#[test]
fn other_forms_are_refused_with_the_reason() {
    for (given, reason) in [
        ("", "host:port"),
        ("https://host", "TLS"),
        ("ftp://host", "scheme"),
        ("host:99999", "port"),
        ("host:x", "port"),
        ("http://host/path", "path"),
        ("two words", "host:port"),
        (":50051", "host"),
    ] {
        let message = parse(given).unwrap_err().to_string();
        assert!(message.contains(reason), "{given}: {message}");
    }
}

#[test]
fn a_password_in_the_address_is_not_repeated() {
    let message = parse("http://me:hunter2@host").unwrap_err().to_string();
    assert!(!message.contains("hunter2"), "{message}");
}
