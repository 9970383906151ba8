//! What each condition picks, by operator and type of value.

use super::{Any, ArrayValue, assert_picks, attribute, body, filter, picks, resource, text, with_attribute};
use spile_proto::v1::LogRecord;

#[test]
fn texts_are_found_anywhere_in_the_body_in_any_case() {
    let record = LogRecord { severity_text: "needle".into(), ..body("Connection Timed Out after 5s") };
    assert_picks(
        &record,
        None,
        &[
            ("\"timed out\"", true),
            ("TIMED", true),
            ("timed out", true),
            ("\"out timed\"", false),
            ("5s", true),
            ("needle", false),
            ("-needle", true),
            ("-timed", false),
            ("timed OR needle", true),
            ("timed needle", false),
            ("timed -(needle OR 6s)", true),
            ("body:TIMED", true),
            ("body=\"Connection Timed Out after 5s\"", true),
            ("body=\"connection Timed Out after 5s\"", false),
            ("body!=x", true),
            ("body=~\"^Conn.*\\ds$\"", true),
            ("body=~timed", false),
            ("body=~\"(?i)timed\"", true),
            ("body!~timed", true),
            ("body!~Timed", false),
            ("body:*", true),
        ],
    );
    assert_picks(&body(""), None, &[("body:*", false), ("body=''", true), ("x", false), ("-x", true)]);
}

#[test]
fn case_is_folded_as_unicode_says() {
    assert_picks(
        &body("ΣΊΣΥΦΟΣ \u{212a}elvin ſtraße GRÜSSE Ǆ İzmir"),
        None,
        &[
            ("σίσυφος", true),
            ("kelvin", true),
            ("STRA\u{1e9e}E", true),
            // Simple folding: one letter is never folded to two.
            ("STRASSE", false),
            ("grüsse", true),
            // Its full lower case would be two letters.
            ("İZMIR", true),
            ("izmir", false),
            ("ǅ", true),
        ],
    );
}

#[test]
fn severities_compare_by_number() {
    let error2 = LogRecord { severity_number: 18, severity_text: "CRIT".into(), ..body("x") };
    assert_picks(
        &error2,
        None,
        &[
            ("severity>=ERROR", true),
            ("severity=ERROR", true),
            ("severity=17", false),
            ("severity=18", true),
            ("severity=CRITICAL", true),
            ("severity>ERROR", false),
            ("severity<ERROR", false),
            ("severity!=ERROR", false),
            ("severity:*", true),
            ("severity_text=CRIT", true),
            ("severity_text=crit", false),
            ("severity_text:crit", true),
            ("severity=(INFO OR FATAL)", false),
        ],
    );
    assert_picks(
        &body("x"),
        None,
        &[
            ("severity=0", true),
            ("severity<=INFO", true),
            ("severity!=INFO", true),
            ("severity:*", false),
            ("severity>=TRACE", false),
            ("severity_text:*", false),
            ("severity_text!=x", true),
        ],
    );
}

#[test]
fn times_compare_to_the_nanosecond() {
    let record = LogRecord { time_unix_nano: 1_763_805_600_000_000_001, ..body("x") };
    assert_picks(
        &record,
        None,
        &[
            ("time>=2025-11-22T10:00:00.000000001Z", true),
            ("time>2025-11-22T10:00:00.000000001Z", false),
            ("time>2025-11-22T10:00:00Z", true),
            ("time<2025-11-22T10:00:00.000000001Z", false),
            ("time<=2025-11-22T10:00:00.000000001Z", true),
            ("time=2025-11-22T11:00:00.000000001+01:00", true),
            ("time!=2025-11-22T10:00:00Z", true),
            ("time!=2025-11-22T10:00:00.000000001Z", false),
            ("-time<2025-11-22T10:00:00Z", true),
        ],
    );
}

#[test]
fn identifiers_are_equal_or_not() {
    let record = LogRecord { trace_id: (0..16).collect(), span_id: vec![0xab; 8], ..body("x") };
    assert_picks(
        &record,
        None,
        &[
            ("trace_id=000102030405060708090a0b0c0d0e0f", true),
            ("trace_id=000102030405060708090A0B0C0D0E0F", true),
            ("trace_id=100102030405060708090a0b0c0d0e0f", false),
            ("trace_id!=000102030405060708090a0b0c0d0e0f", false),
            ("trace_id:*", true),
            ("span_id=abababababababab", true),
            ("span_id!=0000000000000000", true),
        ],
    );
    assert_picks(
        &body("x"),
        None,
        &[
            ("trace_id:*", false),
            ("trace_id!=000102030405060708090a0b0c0d0e0f", true),
            ("span_id=0000000000000000", false),
        ],
    );
}

#[test]
fn numbers_compare_by_value_whatever_their_type() {
    for value in [Any::IntValue(500), Any::DoubleValue(500.0), text("500"), text("500.0"), text("5e2")] {
        assert_picks(
            &with_attribute("code", value),
            None,
            &[
                ("attributes.code=500", true),
                ("attributes.code=500.0", true),
                ("attributes.code=5e2", true),
                ("attributes.code=501", false),
                ("attributes.code!=500", false),
                ("attributes.code!=501", true),
                ("attributes.code>=500", true),
                ("attributes.code>500", false),
                ("attributes.code<1000", true),
                ("attributes.code<=499.9", false),
                ("attributes.code>-1", true),
                ("attributes.code=(404 OR 500)", true),
            ],
        );
    }
    assert_picks(
        &with_attribute("code", text("five hundred")),
        None,
        &[
            ("attributes.code=500", false),
            ("attributes.code!=500", true),
            ("attributes.code<500", false),
            ("attributes.code>=500", false),
        ],
    );
}

#[test]
fn large_numbers_are_not_rounded() {
    assert_picks(
        &with_attribute("n", Any::IntValue(i64::MAX)),
        None,
        &[
            ("attributes.n=9223372036854775807", true),
            ("attributes.n=9223372036854775806", false),
            ("attributes.n<9223372036854775808", true),
            ("attributes.n=9223372036854775808.0", false),
            ("attributes.n<9223372036854775808.0", true),
            ("attributes.n<1e300", true),
            ("attributes.n>-1e300", true),
        ],
    );
    let huge = with_attribute("n", text("170141183460469231731687303715884105727"));
    assert_picks(
        &huge,
        None,
        &[
            ("attributes.n<170141183460469231731687303715884105728", true),
            ("attributes.n=170141183460469231731687303715884105728", false),
        ],
    );
    assert_picks(
        &with_attribute("n", Any::DoubleValue(f64::MIN)),
        None,
        &[
            ("attributes.n<-170141183460469231731687303715884105728", true),
            ("attributes.n=-170141183460469231731687303715884105728", false),
        ],
    );
    assert_picks(
        &with_attribute("n", Any::DoubleValue(0.5)),
        None,
        &[("attributes.n>0", true), ("attributes.n<1", true), ("attributes.n=0", false)],
    );
    assert_picks(
        &with_attribute("n", Any::DoubleValue(-0.5)),
        None,
        &[("attributes.n<0", true), ("attributes.n>-1", true), ("attributes.n>=0", false)],
    );
}

#[test]
fn nothing_equals_what_is_not_a_number() {
    assert_picks(
        &with_attribute("n", Any::DoubleValue(f64::NAN)),
        None,
        &[
            ("attributes.n=0", false),
            ("attributes.n!=0", true),
            ("attributes.n<0", false),
            ("attributes.n>=0", false),
            ("attributes.n=NaN", true),
        ],
    );
    assert_picks(
        &with_attribute("n", Any::DoubleValue(f64::INFINITY)),
        None,
        &[("attributes.n>1e308", true), ("attributes.n=inf", true)],
    );
}

#[test]
fn quoted_values_compare_as_text() {
    assert_picks(
        &with_attribute("v", Any::IntValue(500)),
        None,
        &[
            ("attributes.v='500'", true),
            ("attributes.v='500.0'", false),
            ("attributes.v!='500.0'", true),
            ("attributes.v<'6'", false),
            ("attributes.v>'4'", false),
            ("attributes.v:0", true),
            ("attributes.v=~'^5\\d+$'", true),
        ],
    );
    assert_picks(
        &with_attribute("v", text("v1.10")),
        None,
        &[
            ("attributes.v='v1.10'", true),
            ("attributes.v=V1.10", false),
            ("attributes.v<'v1.9'", true),
            ("attributes.v>='v1.10'", true),
            ("attributes.v>v1.10", false),
            ("attributes.v:V1", true),
            ("attributes.v=~V1", false),
            ("attributes.v!~V1", true),
        ],
    );
    assert_picks(
        &with_attribute("v", Any::BoolValue(true)),
        None,
        &[
            ("attributes.v=true", true),
            ("attributes.v='true'", true),
            ("attributes.v=True", false),
            ("attributes.v!=false", true),
            ("attributes.v=1", false),
            ("attributes.v:tr", true),
            ("attributes.v<x", false),
        ],
    );
    assert_picks(
        &with_attribute("v", Any::DoubleValue(0.25)),
        None,
        &[("attributes.v='0.25'", true), ("attributes.v:25", true)],
    );
}

#[test]
fn bytes_and_arrays_are_present_and_nothing_else() {
    let array = Any::ArrayValue(ArrayValue { values: Vec::new() });
    for value in [Any::BytesValue(b"x".to_vec()), array] {
        assert_picks(
            &with_attribute("v", value),
            None,
            &[
                ("attributes.v:*", true),
                ("attributes.v=x", false),
                ("attributes.v!=x", false),
                ("attributes.v!=1", false),
                ("attributes.v:x", false),
                ("attributes.v=~x", false),
                ("attributes.v!~y", false),
                ("-attributes.v=x", true),
            ],
        );
    }
}

#[test]
fn no_comparison_holds_for_a_missing_attribute() {
    assert_picks(
        &with_attribute("other", text("x")),
        Some(&resource(&[("host.name", "web")])),
        &[
            ("attributes.a=1", false),
            ("attributes.a!=1", false),
            ("attributes.a<1", false),
            ("attributes.a:x", false),
            ("attributes.a!~x", false),
            ("attributes.a:*", false),
            ("-attributes.a=1", true),
            ("-attributes.a!=1", true),
            ("-attributes.a:*", true),
            ("service.name!=shop", false),
            ("-service.name=shop", true),
            ("resource.other:*", false),
            ("attributes.host.name:*", false),
            ("k8s.pod.name!=x", false),
        ],
    );
}

#[test]
fn attributes_and_resources_are_told_apart() {
    let of = resource(&[("service.name", "shop"), ("zone.id", "eu"), ("shared.key", "of the resource")]);
    let record = LogRecord {
        attributes: vec![attribute("shared.key", text("of the record")), attribute("weird key", text("w"))],
        ..body("x")
    };
    assert_picks(
        &record,
        Some(&of),
        &[
            ("service.name=shop", true),
            ("resource.service.name=shop", true),
            ("attributes.service.name=shop", false),
            ("zone.id=eu", true),
            ("resource.zone.id=eu", true),
            ("attributes.shared.key:record", true),
            ("resource.shared.key:resource", true),
            ("shared.key:record", true),
            ("shared.key:resource", false),
            ("attributes.\"weird key\"=w", true),
            ("service.name=(cart OR shop) -zone.id=us", true),
        ],
    );
    assert_picks(
        &record,
        None,
        &[("service.name:*", false), ("-service.name:*", true), ("zone.id=eu", false)],
    );
}

#[test]
fn other_texts_of_a_record_are_compared() {
    let record =
        LogRecord { event_name: "user.login".into(), scope_name: "auth::session".into(), ..body("x") };
    assert_picks(
        &record,
        None,
        &[
            ("event_name=user.login", true),
            ("event_name:LOGIN", true),
            ("event_name:*", true),
            ("scope=\"auth::session\"", true),
            ("scope.name=~^auth", true),
            ("scope!=main", true),
            ("scope!~auth", false),
        ],
    );
    assert_picks(&body("x"), None, &[("event_name:*", false), ("scope=''", true), ("scope!=x", true)]);
}

#[test]
fn a_summary_refuses_what_no_record_can_match() {
    let record = LogRecord { severity_number: 9, time_unix_nano: 5_000_000_000, ..body("x") };
    let frame = super::frame([(&record, None)]);
    for (expression, may) in [
        ("severity>=ERROR", false),
        ("severity>=ERROR OR x", true),
        ("severity>=ERROR OR time<1970-01-01T00:00:05Z", false),
        ("severity=INFO time>=1970-01-01T00:00:05Z", true),
        ("severity=INFO time>1970-01-01T00:00:05Z", false),
        ("(severity=INFO OR severity=FATAL) -(severity=INFO)", false),
        ("nothing", true),
        ("severity<0", false),
    ] {
        assert_eq!(filter(expression).may_match(frame.summary()), may, "{expression}");
        assert!(may || !picks(expression, &record, None));
    }
}
