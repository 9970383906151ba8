//! How many records a filter looks at in a second: 1,000 full frames in memory, a few hundred MB, more than any cache holds.
//!
//! `cargo bench -p spile-engine --bench filter`

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use spile_engine::filter::Filter;
use spile_engine::frame::PushError;
use spile_engine::{Frame, FrameDraft, Offset, ResourceDef};
use spile_proto::v1::any_value::Value;
use spile_proto::v1::{AnyValue, KeyValue, LogRecord};

const FRAMES: usize = 1_000;

/// A sequence of numbers that looks random and is the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }) }
}

/// A record as services write them: 2 % errors, 8 % warnings, mixed shapes and lengths, a request id in each.
fn record(n: u64, numbers: &mut Numbers) -> LogRecord {
    let severity = match numbers.below(100) {
        0..2 => 17,
        2..10 => 13,
        10..30 => 5,
        _ => 9,
    };
    let request = numbers.below(1 << 31);
    let path = ["orders", "users", "carts", "items", "healthz"][numbers.below(5) as usize];
    let milliseconds = numbers.below(2_000);
    let code = [200, 200, 200, 204, 404, 500][numbers.below(6) as usize];
    let body = match numbers.below(4) {
        0 => {
            format!("GET /api/v2/{path}/{request} HTTP/1.1 {code} {milliseconds}ms request_id={request:08x}")
        }
        1 => format!(
            "[http-nio-8080-exec-{}] c.e.shop.{path}.Service - handled request {request:08x} for user {} in {milliseconds} ms",
            numbers.below(64),
            numbers.below(10_000)
        ),
        2 => format!(
            "upstream {path} answered {code} after {milliseconds}ms, request_id={request:08x}, attempt=1"
        ),
        _ => format!(
            "{{\"msg\":\"job finished\",\"queue\":\"{path}\",\"id\":\"{request:08x}\",\"took_ms\":{milliseconds},\"retries\":0}}"
        ),
    };
    LogRecord {
        time_unix_nano: 1_760_000_000_000_000_000 + n * 1_000_000,
        severity_number: severity,
        body,
        attributes: vec![
            attribute("http.status_code", Value::IntValue(code)),
            attribute("user.id", Value::StringValue(format!("u{}", numbers.below(10_000)))),
        ],
        ..LogRecord::default()
    }
}

fn frames() -> Vec<Frame> {
    let service = |n: u64| {
        let name = Value::StringValue(format!("service-{n}"));
        ResourceDef::new(vec![attribute("service.name", name)])
    };
    let services: Vec<Arc<ResourceDef>> = (0..20).map(service).collect();
    let mut numbers = Numbers(7);
    let mut frames = Vec::with_capacity(FRAMES);
    let mut draft = FrameDraft::default();
    for n in 0.. {
        let record = record(n, &mut numbers);
        let service = &services[numbers.below(20) as usize];
        if let Err(error) = draft.push(&record, Some(service), 1) {
            assert_eq!(error, PushError::Full);
            frames.push(std::mem::take(&mut draft).into_frame(Offset(n)));
            if frames.len() == FRAMES {
                break;
            }
        }
    }
    frames
}

fn select_all(filter: &Filter, frames: &[Frame], out: &mut Vec<u32>) -> usize {
    let mut picked = 0;
    for frame in frames {
        out.clear();
        filter.select(frame, 0..frame.len(), out);
        picked += out.len();
    }
    picked
}

fn match_all(filter: &Filter, frames: &[Frame]) -> usize {
    let matching = |frame: &Frame| (0..frame.len()).filter(|&at| filter.matches(&frame.record(at))).count();
    frames.iter().map(matching).sum()
}

fn benches(criterion: &mut Criterion) {
    let frames = frames();
    let records: usize = frames.iter().map(Frame::len).sum();
    let bytes: usize = frames.iter().map(|frame| frame.records().len()).sum();
    println!("{} frames, {records} records, {} MB", frames.len(), bytes / 1_000_000);
    let some_request = "\"request_id=3ade68b1\"";
    let cases = [
        ("level", "severity>=ERROR"),
        ("service", "service.name=service-7"),
        ("rare_word", "\"out of memory\""),
        ("request_id", some_request),
        ("word_of_a_fifth", "healthz"),
        ("word_of_a_quarter_negated", "-upstream"),
        ("level_and_word", "severity>=ERROR upstream"),
        ("either_rare_word", "\"out of memory\" OR \"no space left\""),
        ("regex_with_a_literal", r#"body=~"oom-killer: \d+""#),
        ("regex_with_a_common_literal", r#"body=~"request \w+ for user 99\d\d in""#),
        ("regex_without_a_literal", r#"body=~"\b1\d\d\d ?ms""#),
        ("attribute_equals_number", "attributes.http.status_code=500"),
        ("attribute_equals_text", "attributes.user.id=u4711"),
        ("attribute_missing", "attributes.error.code=7"),
    ];
    let mut group = criterion.benchmark_group("select");
    group.sample_size(10).throughput(Throughput::Elements(records as u64));
    let mut out = Vec::new();
    for (name, expression) in cases {
        let filter = Filter::parse(expression).expect("the bench's expressions are valid");
        println!("{name}: {expression}: {} records", select_all(&filter, &frames, &mut out));
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(select_all(&filter, &frames, &mut out)));
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("matches");
    group.sample_size(10).throughput(Throughput::Elements(records as u64));
    for (name, expression) in [("level", "severity>=ERROR"), ("rare_word", "\"out of memory\"")] {
        let filter = Filter::parse(expression).expect("the bench's expressions are valid");
        group.bench_function(name, |bencher| bencher.iter(|| black_box(match_all(&filter, &frames))));
    }
    group.finish();
    criterion.bench_function("parse", |bencher| {
        let expression = r#"severity>=ERROR service.name="checkout" "timed out" -"healthz" body=~"user \d+" attributes.code=500"#;
        bencher.iter(|| Filter::parse(black_box(expression)));
    });
}

criterion_group!(filter, benches);
criterion_main!(filter);
