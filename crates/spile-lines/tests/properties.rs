//! What holds for any bytes at all: no panic, nothing lost, nothing impossible said.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use spile_lines::{
    BodyKind, CriAssembler, Format, Line, LineParser, LineSplitter, ParsedLine, UtcOffset, unescape,
};

/// One line of each syntax, to be broken in all ways.
const SEEDS: &[&str] = &[
    "2024-01-31 23:59:59,123 INFO  [main] org.example.App: started",
    "2024-01-31T23:59:59.123+01:00  INFO 1234 --- [shop] [main] [4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7] c.e.D : x",
    "2024-01-31 23:59:59,123 [myid:1] - WARN  [QuorumPeer[myid=1](plain=0:2181):QuorumCnxManager@584] - Cannot open",
    "[2024-01-31T23:59:59,123][INFO ][o.e.n.Node               ] [node-1] started",
    "[2024-01-31 23:59:59 +0100] [1234] [INFO] Listening at: http://0.0.0.0:8000 (1234)",
    "[I 2024-01-31 23:59:59.123 ServerApp] Jupyter is running",
    "2024-01-31 23:59:59.123 | ERROR    | __main__:<module>:12 - text",
    "2024-01-31T23:59:59.123456Z  WARN request{id=1 user=\"a b\"}:handler{}: my_crate::module: text",
    "\u{1b}[2m2024-01-31T23:59:59.123456Z\u{1b}[0m \u{1b}[32m INFO\u{1b}[0m my_crate: text",
    "I, [2024-01-31T23:59:59.123456 #1234]  INFO -- program: text",
    "2024-01-31 23:59:59.123 UTC [1234] app@shop ERROR:  relation does not exist",
    "31-Jan-2024 23:59:59.123 SEVERE [main] org.apache.catalina.startup.Catalina.start text",
    "23:59:59.123 [main] DEBUG c.example.Foo - trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7",
    "E0131 23:59:59.123456       1 reflector.go:140] \"Failed to watch\" err=\"timed out\" retries=3",
    "01-31 23:59:59.123  1234  5678 I ActivityManager: Start proc",
    "V/Tag    ( 1234): text",
    "081109 203615 148 INFO dfs.DataNode$PacketResponder: terminating",
    "20240131-23:5:9:7|Step_LSC|30002312|onExtend:1 2",
    "- 1706745599 2024.01.31 R02-M1 2024-01-31-15.59.59.123456 R02-M1 RAS KERNEL INFO text",
    "2024-01-31 23:59:59, Info                  CBS    Loaded Servicing Stack",
    "nova-api.log.1 2024-01-31 23:59:59.123 1234 ERROR nova.api [-] text",
    "127.0.0.1 - frank [31/Jan/2024:23:59:59 +0100] \"GET /a/b.gif?x=1 HTTP/1.0\" 200 2326 \"r\" \"u\\\"a\"",
    "[Wed Jan 31 23:59:59.123456 2024] [proxy:warn] [pid 12:tid 3] (13)No: [client [::1]:5678] AH1: x",
    "2024/01/31 23:59:59 [error] 12#34: *56 x, client: 10.0.0.1, server: e.org, request: \"GET /x?y HTTP/1.1\"",
    "<165>1 2024-01-31T23:59:59.123456+01:00 h app - ID47 [a@1 k=\"v \\\"x\\\" \\]\"][b l=\"\"] \u{feff}text",
    "<34>Oct 11 22:14:15 mymachine su[12]: 'su root' failed for lonvick",
    "Jan 31 23:59:59 web-1 NetworkManager[12]: <warn>  [1706745599.1] text",
    "time=\"2024-01-31T23:59:59+01:00\" level=warning msg=\"text \\\"q\\\"\" attempt=3 ratio=0.5 trace_id=ä",
    r#"{"level":"info","ts":1706745599.1234567,"logger":"app","caller":"pkg/file.go:12","msg":"te\nxt","n":[1,{"a":null}]}"#,
    r#"{"t":{"$date":"2024-01-31T23:59:59.123+01:00"},"s":"I","c":"NETWORK","ctx":"listener","msg":"x"}"#,
    r#"{"@t":"2024-01-31T23:59:59Z","@l":"Verbose","@mt":"Hello {Name}","@@odd":1,"log":{"level":"x","origin":{"file":{"line":1}}}}"#,
    "2024-01-31T23:59:59.123456789Z stdout F {\"level\":\"info\",\"msg\":\"text\"}",
    "2024-01-31T23:59:59.123456789Z stderr P ERROR half a line",
    r#"{"log":"WARN inner\n","stream":"stdout","attrs":{"tag":"x"},"time":"2024-01-31T23:59:59.123456789Z"}"#,
    "WARNING:root:text",
    "[warn] something level=warn happened",
];

/// Bytes that lines are made of, and that break them.
fn byte() -> impl Strategy<Value = u8> {
    let marks = prop::sample::select(
        b" \t[](){}<>\"'\\:;,.-_=|/@#$%&*+?!~^`\x00\x1b\xef\xbb\xbf\xc3\xa4\xff0123456789TZ".to_vec(),
    );
    prop_oneof![3 => marks, 1 => any::<u8>()]
}

/// A seed with bytes put in, taken out and replaced, cut, or joined to another; or nothing but bytes.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let edit = (any::<prop::sample::Index>(), 0_u8..3, byte());
    let broken = (
        prop::sample::select(SEEDS),
        prop::collection::vec(edit, 0..6),
        any::<prop::sample::Index>(),
        0_u8..4,
    );
    let broken = broken.prop_map(|(seed, edits, cut, how)| {
        let mut bytes = seed.as_bytes().to_vec();
        for (at, kind, byte) in edits {
            let at = at.index(bytes.len() + 1);
            match kind {
                0 => bytes.insert(at, byte),
                1 if at < bytes.len() => bytes[at] = byte,
                _ if at < bytes.len() => drop(bytes.remove(at)),
                _ => {}
            }
        }
        if how == 0 {
            bytes.truncate(cut.index(bytes.len() + 1));
        }
        bytes
    });
    let joined = (prop::sample::select(SEEDS), prop::sample::select(SEEDS), any::<prop::sample::Index>());
    let joined = joined.prop_map(|(head, tail, at)| {
        [&head.as_bytes()[..at.index(head.len() + 1)], tail.as_bytes()].concat()
    });
    prop_oneof![6 => broken, 2 => joined, 1 => prop::collection::vec(byte(), 0..200), 1 => prop::collection::vec(any::<u8>(), 0..200)]
}

/// Whether the body of such a line is all of it, as it came.
fn keeps_the_whole_line(line: &ParsedLine<'_>) -> bool {
    let is_framed = matches!(line.format, Format::Syslog5424 | Format::Syslog3164 | Format::Json);
    line.wrapper.is_none() && !is_framed
}

fn check(bytes: &[u8], now: u64, parser: &LineParser) {
    let line = parser.parse(bytes, now);
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    assert!(line.severity_number <= 24);
    assert!(line.trace_id != Some([0; 16]) && line.span_id != Some([0; 8]));
    assert!(!line.zone_assumed || line.time_unix_nano.is_some());
    assert!(line.format != Format::Plain || line.severity_number == 0);
    match line.body_kind {
        BodyKind::Text if keeps_the_whole_line(&line) => assert_eq!(line.body.as_bytes(), bytes),
        BodyKind::Json => assert!(line.format == Format::Json),
        BodyKind::Escaped if keeps_the_whole_line(&line) => {
            let restored = unescape(&line.body);
            assert_eq!(restored.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&restored), bytes);
        }
        _ => {}
    }
    assert!(
        line.body_kind == BodyKind::Escaped
            || !line.body.contains('\0')
            || line.format == Format::Json
            || line.wrapper.is_some()
    );
    assert_eq!(line.clone().into_owned(), line);
    assert_eq!(parser.parse(bytes, now).format, line.format);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn any_line_is_read_without_panic_and_without_loss(bytes in line(), now in any::<u64>(), offset in -64_800..=64_800_i32) {
        let parser = LineParser::new().with_default_offset(UtcOffset::from_seconds(offset).unwrap());
        check(&bytes, now, &parser);
    }

    #[test]
    fn any_stream_goes_through_splitter_assembler_and_parser(
        lines in prop::collection::vec(line(), 0..20),
        max in 0_usize..300,
        now in any::<u64>(),
    ) {
        let input = lines.join(&b'\n');
        let mut splitter = LineSplitter::with_max_line_bytes(max);
        let mut assembler = CriAssembler::with_max_line_bytes(max);
        let parser = LineParser::new().with_max_escaped_bytes(max);
        let (mut consumed, mut rest) = (0, &input[..]);
        let mut read = |line: &Line<'_>| {
            assembler.push(line);
            let parsed = parser.parse_line(line, now);
            let marked = parsed.attribute("spile.cut_bytes").is_some();
            assert!(line.cut == 0 || marked);
            line.consumed
        };
        while let Some(line) = splitter.next_line(&mut rest) {
            consumed += read(&line);
        }
        if let Some(line) = splitter.finish() {
            consumed += read(&line);
        }
        prop_assert_eq!(consumed, input.len() as u64);
    }
}

#[test]
fn seeds_are_all_understood() {
    for seed in SEEDS {
        let line = LineParser::new().parse(*seed, 1_717_243_200_000_000_000);
        assert!(line.format != Format::Plain, "{seed}");
    }
}
