//! What generated records are like, and that a seed always gives the same ones.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

const SAMPLE: usize = 100_000;

fn sample() -> Vec<Generated> {
    Records::new(7).take(SAMPLE).collect()
}

fn json_lines(seed: u64, records: usize) -> String {
    let mut all = Records::new(seed);
    let mut lines = JsonLines::new(all.resources());
    let mut text = Vec::new();
    for _ in 0..records {
        let generated = all.next().unwrap();
        lines.write(&generated.record, &mut text).unwrap();
    }
    String::from_utf8(text).unwrap()
}

/// Whether a share of the sample is what it should be, within a tenth of it.
#[track_caller]
fn assert_share(count: usize, expected: f64) {
    let share = count as f64 / SAMPLE as f64;
    assert!((share - expected).abs() < expected / 10.0, "{share}, expected {expected}");
}

#[test]
fn a_seed_gives_the_same_bytes_in_every_version() {
    // A change of this figure makes measurements of before and after incomparable: it needs a reason.
    assert_eq!(crc32c::crc32c(json_lines(1, 10_000).as_bytes()), 2_672_230_498);
    assert_ne!(json_lines(1, 100), json_lines(2, 100));
}

#[test]
fn lines_are_json_that_says_what_the_record_says() {
    let mut records = Records::new(3);
    let mut lines = JsonLines::new(records.resources());
    for _ in 0..1_000 {
        let Generated { record, service, .. } = records.next().unwrap();
        let mut line = Vec::new();
        let length = lines.write(&record, &mut line).unwrap();
        assert_eq!(length, line.len());
        let json: serde_json::Value = serde_json::from_slice(&line).unwrap();
        assert_eq!(json["msg"], record.body);
        assert_eq!(json["severity"], record.severity_text);
        assert_eq!(json["service"], SERVICES[service].name);
        assert_eq!(json["attributes"].as_object().map_or(0, serde_json::Map::len), record.attributes.len());
        assert_eq!(json["trace_id"].as_str().map_or(0, str::len), record.trace_id.len() * 2);
        let time = json["time"].as_str().unwrap();
        assert!(time.starts_with("2026-11-01T00:00:00.") && time.len() == 30, "{time}");
    }
}

#[test]
fn severities_attributes_and_traces_have_their_shares() {
    let sample = sample();
    let count = |is: &dyn Fn(&Generated) -> bool| sample.iter().filter(|one| is(one)).count();
    for (number, share) in [(1, 0.02), (5, 0.2), (9, 0.68), (13, 0.08), (17, 0.02)] {
        assert_share(count(&|one| one.record.severity_number == number), share);
    }
    assert_share(count(&|one| !one.record.attributes.is_empty()), 0.3);
    assert_share(count(&|one| one.record.trace_id.len() == 16 && one.record.span_id.len() == 8), 0.2);
}

#[test]
fn all_services_write_from_all_hosts_and_the_first_ones_more() {
    let records = Records::new(7);
    let hosts: BTreeSet<_> = records
        .resources()
        .iter()
        .map(|resource| &resource.attributes[0])
        .map(|host| format!("{host:?}"))
        .collect();
    assert_eq!(hosts.len() as u64, HOSTS);
    let mut volumes = BTreeMap::new();
    sample().iter().for_each(|one| *volumes.entry(one.service).or_insert(0) += 1);
    assert_eq!(volumes.len(), SERVICES.len());
    assert!(volumes[&0] > 5 * volumes[&9], "{volumes:?}");
}

#[test]
fn needles_are_in_one_percent_and_request_ids_in_one_record() {
    let sample = sample();
    let with = |text: &str| sample.iter().filter(|one| one.record.body.contains(text)).count();
    assert_share(with(needles::WORD), 0.01);
    assert_share(with(needles::SUBSTRING), 0.01);
    let id = format!("{:016x}", sample[SAMPLE / 2].request_id);
    assert_eq!(with(&id), 1);
    assert!(sample.iter().all(|one| one.record.body.contains(&format!("{:016x}", one.request_id))));
}

#[test]
fn bodies_are_as_long_as_log_lines_are_and_some_have_several_lines() {
    let sample = sample();
    let bytes: usize = sample.iter().map(|one| one.record.body.len()).sum();
    let mean = bytes / SAMPLE;
    assert!((120..150).contains(&mean), "{mean}");
    assert!(sample.iter().any(|one| one.record.body.lines().count() > 4));
    assert!(
        sample.iter().all(|one| !one.record.body.contains(['{', '}']) || one.record.body.starts_with('{'))
    );
}

#[test]
fn times_ascend_but_for_a_little() {
    let mut newest = 0;
    let mut steps_back = 0;
    for one in sample() {
        let time = one.record.time_unix_nano;
        steps_back += usize::from(time < newest);
        assert!(time + 10_000_000 > newest);
        newest = newest.max(time);
    }
    assert!(steps_back > SAMPLE / 10, "{steps_back}");
}

#[test]
fn batches_have_the_same_records_and_define_each_resource_once() {
    let mut batches = Batches::new(5);
    let mut seen = 0;
    let (first, second) = (batches.take(5_000, |_| seen += 1), batches.take(5_000, |_| seen += 1));
    assert_eq!(seen, 10_000);
    let records: Vec<_> = Records::new(5).take(10_000).map(|one| one.record).collect();
    assert_eq!([first.records, second.records].concat(), records);
    let defined: BTreeSet<_> =
        first.resources.iter().chain(&second.resources).map(|resource| resource.hash).collect();
    assert_eq!(defined.len(), first.resources.len() + second.resources.len());
    assert!(records.iter().all(|record| defined.contains(&record.resource_hash)));
}
