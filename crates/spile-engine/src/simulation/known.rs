//! What is known of a stream's records, by whoever was told: once known, a record is where it is for good.

use std::collections::{BTreeMap, HashMap};

/// Records by offset, whether acknowledged or read.
#[derive(Debug, Default)]
pub(super) struct Known {
    at: BTreeMap<u64, String>,
    offsets: HashMap<String, u64>,
    /// What filters passed over before it was known what it was.
    passed: Vec<u64>,
    /// What lies before it is not retained; it only grows.
    pub(super) head: u64,
}

/// Whether a filter for severe records picks one.
pub(super) fn is_severe(body: &str) -> bool {
    body.ends_with("severe")
}

impl Known {
    /// Takes in that a record lies at an offset: always this one, and nowhere else.
    pub(super) fn learn(&mut self, offset: u64, body: &str) {
        if let Some(known) = self.at.insert(offset, body.to_owned()) {
            assert_eq!(known, body, "the record at {offset} became another one");
        }
        let elsewhere = self.offsets.insert(body.to_owned(), offset);
        assert!(
            elsewhere.is_none_or(|known| known == offset),
            "{body} lies at {offset} and at {elsewhere:?}"
        );
    }

    /// Takes in that a filter for severe records passed over an offset.
    pub(super) fn pass_over(&mut self, offset: u64) {
        match self.at.get(&offset) {
            Some(body) => assert!(!is_severe(body), "{body} at {offset} was passed over"),
            None => self.passed.push(offset),
        }
    }

    /// Takes in where the head is.
    pub(super) fn see_head(&mut self, head: u64) {
        assert!(head >= self.head, "the head went back from {} to {head}", self.head);
        self.head = head;
    }

    /// Behind the last record that anybody was told of.
    pub(super) fn end(&self) -> u64 {
        self.at.last_key_value().map_or(0, |(last, _)| last + 1)
    }

    /// Holds all that a stream has against it.
    pub(super) fn check_all(&mut self, records: &[(u64, String)], tail: u64) {
        let odd = records.iter().zip(self.head..).find(|((offset, _), expected)| offset != expected);
        assert!(odd.is_none(), "what is retained is there, once and in order: {odd:?}");
        assert_eq!(records.len() as u64, tail - self.head, "all that is retained is there");
        assert!(self.end() <= tail, "records up to {} were told, and there are {tail}", self.end());
        records.iter().for_each(|(offset, body)| self.learn(*offset, body));
        for offset in std::mem::take(&mut self.passed) {
            if offset >= self.head {
                self.pass_over(offset);
            }
        }
    }
}
