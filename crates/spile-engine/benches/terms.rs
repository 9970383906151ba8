//! What the terms of row groups cost to make, how many bytes they take, and how fast pages are refused by them.
//!
//! `cargo bench -p spile-engine --bench terms`

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use spile_engine::filter::Filter;
use spile_engine::terms::{Terms, TermsBuilder};

const PAGES: usize = 16;
const PAGE_RECORDS: usize = 1024;

/// As many as 5 million records have.
const GROUPS: u64 = 312;

/// A sequence of numbers that looks random and is the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 32) % end
    }
}

/// A line of about 140 bytes with an id of its own, of the one shape that a page has.
fn body(page: usize, numbers: &mut Numbers) -> String {
    let id = numbers.next();
    let (n, took) = (numbers.below(50_000), numbers.below(2_000));
    let ip = format!("10.{}.{}.{}", numbers.below(20), numbers.below(256), numbers.below(256));
    match page % 4 {
        0 => format!(
            r#"{ip} - user{} "GET /api/v1/orders/{n} HTTP/1.1" 200 {} "-" "okhttp/4.12.0" {took}.{:03} ms request_id={id:016x}"#,
            n % 400,
            n * 3,
            took % 1_000
        ),
        1 => format!(
            r#"{{"level":"info","msg":"job finished","queue":"mail-{}","id":"{id:016x}","took_ms":{took},"retries":0,"worker":"pool-3-thread-{}"}}"#,
            n % 7,
            n % 32
        ),
        2 => format!(
            "[http-nio-8080-exec-{}] c.e.shop.OrderService - handled request {id:016x} of user {n} in {took} ms, cache hit, {} rows read",
            n % 64,
            n % 99
        ),
        _ => format!(
            "upstream node-{:02}.eu-west.example.net:{} answered 200 after {took} ms, attempt 1 of 3, connection kept open, request {id:016x}",
            n % 50,
            n + 1_024
        ),
    }
}

/// The bodies of a row group, page by page.
fn row_group(number: u64) -> Vec<String> {
    let mut numbers = Numbers(number << 32);
    (0..PAGES * PAGE_RECORDS).map(|at| body(at / PAGE_RECORDS, &mut numbers)).collect()
}

fn build(builder: &mut TermsBuilder, bodies: &[String]) -> Vec<u8> {
    for (at, body) in bodies.iter().enumerate() {
        builder.add(at / PAGE_RECORDS, body.as_bytes(), &[]);
    }
    builder.finish(PAGES)
}

fn pages(groups: &[Terms], filter: &Filter) -> usize {
    groups.iter().map(|terms| terms.pages(filter.needs()).len()).sum()
}

fn benches(criterion: &mut Criterion) {
    let mut builder = TermsBuilder::default();
    let bodies = row_group(1);
    let bytes: usize = bodies.iter().map(String::len).sum();
    let stored = build(&mut builder, &bodies).len();
    println!(
        "{} records, {} bytes of body and {:.2} bytes of terms each",
        bodies.len(),
        bytes / bodies.len(),
        stored as f64 / bodies.len() as f64
    );
    let mut group = criterion.benchmark_group("build");
    group.sample_size(20).throughput(Throughput::Elements(bodies.len() as u64));
    group.bench_function("row_group", |bencher| bencher.iter(|| build(&mut builder, black_box(&bodies))));
    group.finish();

    let stored = (0..GROUPS).map(|number| build(&mut builder, &row_group(number)));
    let groups: Vec<Terms> =
        stored.map(|bytes| Terms::read(bytes.into(), PAGES).expect("what was built is read")).collect();
    let present = bodies[5_000].rsplit(' ').next().expect("a line has words");
    let cases = [
        ("present_id", format!("\"{present}\"")),
        ("absent_id", "\"0123456789abcdef\"".into()),
        ("absent_phrase", "\"certificate has expired\"".into()),
        ("common_word", "upstream".into()),
        ("absent_regex", r#"body=~"panicked at|segfault in \w+""#.into()),
        ("trace_id", "trace_id=0123456789abcdef0123456789abcdef".into()),
    ];
    let mut group = criterion.benchmark_group("refuse_5000_pages");
    group.sample_size(20);
    for (name, expression) in cases {
        let filter = Filter::parse(&expression).expect("the bench's expressions are valid");
        println!("{name}: {expression}: {} of {} pages left", pages(&groups, &filter), groups.len() * PAGES);
        group.bench_function(name, |bencher| bencher.iter(|| pages(&groups, black_box(&filter))));
    }
    group.finish();
}

criterion_group!(terms, benches);
criterion_main!(terms);
