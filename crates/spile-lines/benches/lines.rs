//! What reading a line costs, by format, and what splitting costs. Each measurement goes over 1,000 generated lines:
//! divide its time by 1,000, or read the rate that criterion prints.
#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use spile_lines::{LineParser, LineSplitter};

const LINES: usize = 1000;
/// 1 June 2024, 12:00 UTC.
const NOW: u64 = 1_717_243_200_000_000_000;

/// A line of a format; the number makes lines differ.
type Template = fn(usize) -> String;

const TEMPLATES: &[(&str, Template)] = &[
    ("plain", |n| {
        format!(
            "connection {n} from 10.0.0.{} closed after {} bytes in {} ms without an answer",
            n % 250,
            n * 37,
            n % 90
        )
    }),
    ("stack-trace", |n| {
        format!("\tat org.example.shop.cart.CartService.add(CartService.java:{n}) ~[shop.jar:1.2.{}]", n % 10)
    }),
    ("leveled", |n| format!("ERROR: could not open /var/lib/example/{n}: no such file or directory")),
    ("log4j", |n| {
        format!(
            "2024-05-31 23:{:02}:{:02},{:03} INFO  [worker-{}] org.example.shop.Cart: added item {n} to cart",
            n / 60 % 60,
            n % 60,
            n % 1000,
            n % 16
        )
    }),
    ("spring", |n| {
        format!(
            "2024-05-31T23:{:02}:{:02}.{:03}Z  INFO 1234 --- [nio-8080-exec-{}] o.e.shop.Cart                            : added item {n}",
            n / 60 % 60,
            n % 60,
            n % 1000,
            n % 16
        )
    }),
    ("iso-no-level", |n| {
        format!("2024-05-31T23:{:02}:{:02}Z started request number {n} for somebody", n / 60 % 60, n % 60)
    }),
    ("syslog-file", |n| {
        format!(
            "May 31 23:{:02}:{:02} web-{} sshd[{n}]: accepted key for user from 10.0.0.{}",
            n / 60 % 60,
            n % 60,
            n % 9,
            n % 250
        )
    }),
    ("syslog-5424", |n| {
        format!(
            "<165>1 2024-05-31T23:{:02}:{:02}.003Z web-{} app {n} ID47 [a@32473 k=\"v{n}\"] something happened",
            n / 60 % 60,
            n % 60,
            n % 9
        )
    }),
    ("klog", |n| {
        format!(
            "I0531 23:{:02}:{:02}.123456    1234 controller.go:{}] \"Synced\" pod=\"shop/cart-{n}\" tries={}",
            n / 60 % 60,
            n % 60,
            n % 900,
            n % 5
        )
    }),
    ("logcat", |n| {
        format!(
            "05-31 23:{:02}:{:02}.{:03}  1702  {n:4} D PowerManagerService: acquire lock={n}, flags=0x1",
            n / 60 % 60,
            n % 60,
            n % 1000
        )
    }),
    ("access-log", |n| {
        format!(
            "10.0.0.{} - - [31/May/2024:23:{:02}:{:02} +0000] \"GET /item/{n}?page=2 HTTP/1.1\" 200 {} \"https://example.org/\" \"Mozilla/5.0 (X11; Linux x86_64)\"",
            n % 250,
            n / 60 % 60,
            n % 60,
            n * 7
        )
    }),
    ("nginx-error", |n| {
        format!(
            "2024/05/31 23:{:02}:{:02} [error] 12#34: *{n} open() \"/srv/{n}\" failed (2: No such file or directory), client: 10.0.0.{}, server: example.org, request: \"GET /{n} HTTP/1.1\"",
            n / 60 % 60,
            n % 60,
            n % 250
        )
    }),
    ("hdfs", |n| {
        format!(
            "240531 23{:02}{:02} {n} INFO dfs.DataNode$PacketResponder: PacketResponder 1 for block blk_{n} terminating",
            n / 60 % 60,
            n % 60
        )
    }),
    ("logfmt", |n| {
        format!(
            "time=2024-05-31T23:{:02}:{:02}Z level=info msg=\"request done\" path=/item/{n} status=200 took=0.{n} ok=true",
            n / 60 % 60,
            n % 60
        )
    }),
    ("json-zap", |n| {
        format!(
            "{{\"level\":\"info\",\"ts\":17172431{:02}.1234567,\"logger\":\"shop\",\"caller\":\"cart/add.go:{}\",\"msg\":\"added item\",\"item\":{n},\"user\":\"u{n}\",\"ok\":true}}",
            n % 100,
            n % 900
        )
    }),
    ("json-slog-nested", |n| {
        format!(
            "{{\"time\":\"2024-05-31T23:{:02}:{:02}.123456789Z\",\"level\":\"WARN\",\"msg\":\"slow \\\"query\\\"\",\"req\":{{\"id\":{n},\"path\":\"/item/{n}\",\"took\":{}.5}},\"trace_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\"}}",
            n / 60 % 60,
            n % 60,
            n
        )
    }),
    ("cri-log4j", |n| {
        format!(
            "2024-05-31T23:{:02}:{:02}.123456789Z stdout F 2024-05-31 23:{:02}:{:02},123 INFO  [worker-{}] org.example.Cart: added {n}",
            n / 60 % 60,
            n % 60,
            n / 60 % 60,
            n % 60,
            n % 16
        )
    }),
    ("docker-plain", |n| {
        format!(
            "{{\"log\":\"added item {n} to the cart of somebody\\n\",\"stream\":\"stdout\",\"time\":\"2024-05-31T23:{:02}:{:02}.123456789Z\"}}",
            n / 60 % 60,
            n % 60
        )
    }),
];

fn parse(criterion: &mut Criterion) {
    let parser = LineParser::new();
    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Elements(LINES as u64));
    for (name, template) in TEMPLATES {
        let lines: Vec<String> = (0..LINES).map(template).collect();
        group.bench_function(*name, |bencher| {
            bencher.iter(|| {
                for line in &lines {
                    black_box(parser.parse(line, NOW));
                }
            });
        });
    }
    let binary: Vec<Vec<u8>> =
        (0..LINES).map(|n| (0..100).map(|at| (n * 31 + at * 97) as u8).collect()).collect();
    group.bench_function("binary", |bencher| {
        bencher.iter(|| {
            for line in &binary {
                black_box(parser.parse(line, NOW));
            }
        });
    });
    group.finish();
}

fn split(criterion: &mut Criterion) {
    let input: String = (0..LINES).map(|n| TEMPLATES[n % TEMPLATES.len()].1(n) + "\n").collect();
    let mut group = criterion.benchmark_group("split");
    group.throughput(Throughput::Bytes(input.len() as u64));
    group.bench_function("64-kib-chunks", |bencher| {
        let mut splitter = LineSplitter::new();
        bencher.iter(|| {
            for chunk in input.as_bytes().chunks(64 * 1024) {
                let mut rest = chunk;
                while let Some(line) = splitter.next_line(&mut rest) {
                    black_box(line);
                }
            }
        });
    });
    group.finish();
}

criterion_group!(benches, parse, split);
criterion_main!(benches);
