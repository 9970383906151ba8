//! Level names and sets of severities.

use super::super::level::{Level, name_of, parse_level};
use super::super::severity::SeveritySet;
use super::{assert_picks, filter};
use crate::filter::Filter;
use crate::filter::ast::Relation;
use spile_proto::v1::LogRecord;

#[test]
fn every_name_of_opentelemetry_is_its_number() {
    for number in 1..=24 {
        let name = name_of(number);
        assert_eq!(parse_level(&name), Some(number), "{name}");
        assert_eq!(parse_level(&name.to_lowercase()), Some(number), "{name}");
    }
    assert_eq!((&*name_of(17), &*name_of(24), &*name_of(0)), ("ERROR", "FATAL4", "0"));
}

#[test]
fn aliases_are_known_in_any_case() {
    for (name, number) in [
        ("verbose", 1),
        ("information", 9),
        ("Informational", 9),
        ("Notice", 10),
        ("warning", 13),
        ("ERR", 17),
        ("severe", 17),
        ("crit", 18),
        ("Critical", 18),
        ("alert", 19),
        ("panic", 19),
        ("emerg", 21),
        (" emergency ", 21),
    ] {
        assert_eq!(parse_level(name), Some(number), "{name}");
    }
}

#[test]
fn other_names_are_unknown() {
    for name in ["", "loud", "ERROR1", "ERROR5", "ERROR22", "WARNING2", "17", "0", "all", "ERRO", "ſevere"] {
        assert_eq!(parse_level(name), None, "{name}");
    }
}

#[test]
fn a_relation_to_a_range_counts_the_whole_range() {
    let error = Level::parse("ERROR").unwrap();
    for (relation, first, last) in [
        (Relation::Equal, 17, 20),
        (Relation::Less, 0, 16),
        (Relation::LessOrEqual, 0, 20),
        (Relation::Greater, 21, 24),
        (Relation::GreaterOrEqual, 17, 24),
    ] {
        assert_eq!(SeveritySet::related(relation, error), SeveritySet::range(first, last), "{relation}");
    }
    let not_equal = SeveritySet::related(Relation::NotEqual, error);
    assert_eq!(not_equal, SeveritySet::range(0, 16).union(SeveritySet::range(21, 24)));
}

#[test]
fn every_set_of_severities_is_written_and_read_back() {
    // All pairs of runs, in and out of the company of other conditions.
    for first in 0..=24u8 {
        for last in first..=24 {
            for gap in
                [SeveritySet::ALL.complement(), SeveritySet::range(first, first), SeveritySet::range(12, 18)]
            {
                let set = SeveritySet::range(first, last).intersection(gap.complement());
                for [before, after] in [["", ""], ["x (", ")"], ["x OR (y (", "))"]] {
                    let runs: Vec<_> = set.runs().iter().map(|run| format!("({run})")).collect();
                    if runs.is_empty() || set == SeveritySet::ALL {
                        continue;
                    }
                    let written = format!("{before}{}{after}", runs.join(" OR "));
                    let read = filter(&written);
                    assert_eq!(filter(read.canonical()), read, "{written} is {read}");
                    let merged = filter(&runs.join(" OR "));
                    for number in 0..=24 {
                        let record = LogRecord { severity_number: number.into(), ..LogRecord::default() };
                        if before.is_empty() {
                            assert_picks(&record, None, &[(merged.canonical(), set.contains(number))]);
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_level_means_this_severity_or_worse() {
    assert_eq!(Filter::all().and_level(17), filter("severity>=ERROR"));
    assert_eq!(Filter::all().and_level(18), filter("severity>=18"));
    assert_eq!(filter("severity<=ERROR x").and_level(13), filter("x severity>=WARN severity<=ERROR"));
    assert!(Filter::all().and_level(0).is_all());
    assert_eq!(Filter::all().and_level(25), filter("severity<0"));
}
