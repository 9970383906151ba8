//! Any order of writing, rotating, truncating, deleting and restarting: every line once, in its file's order.

use std::collections::{HashMap, HashSet};
use std::fs::OpenOptions;
use std::io::Write;

use proptest::prelude::*;

use super::{Line, Place, Server};

const NAMES: [&str; 3] = ["a.log", "b.log", "c.log"];

#[derive(Clone, Debug)]
enum Step {
    /// Appends lines; the last one may be left without its end.
    Write { name: usize, lines: usize, is_unended: bool },
    /// Renames the file away; its writer may notice late.
    Rotate { name: usize, late_lines: usize },
    /// Empties the file when all of it is stored.
    Truncate { name: usize },
    /// Deletes the file; its writer may notice late.
    Delete { name: usize, late_lines: usize },
    /// Ends the server, and begins another one after so many further steps.
    Restart { kill: bool, steps_without: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let name = 0..NAMES.len();
    prop_oneof![
        6 => (name.clone(), 1..6_usize, any::<bool>())
            .prop_map(|(name, lines, is_unended)| Step::Write { name, lines, is_unended }),
        2 => (name.clone(), 0..3_usize).prop_map(|(name, late_lines)| Step::Rotate { name, late_lines }),
        1 => name.clone().prop_map(|name| Step::Truncate { name }),
        1 => (name, 0..3_usize).prop_map(|(name, late_lines)| Step::Delete { name, late_lines }),
        2 => (any::<bool>(), 0..4_usize)
            .prop_map(|(kill, steps_without)| Step::Restart { kill, steps_without }),
    ]
}

/// A file from its first byte until it is truncated, or for good.
#[derive(Debug, Default)]
struct Life {
    /// Tells it from all others.
    number: usize,
    lines: usize,
    is_unended: bool,
}

/// The writers, and what they have written.
struct Model<'a> {
    place: &'a Place,
    patterns: &'a [&'a str],
    server: Option<Server>,
    steps_without: usize,
    lives: HashMap<&'static str, Life>,
    next_life: usize,
    rotations: usize,
    /// Every line written, ended or not.
    written: Vec<String>,
    /// What was stored when the server ended last.
    stored: HashSet<String>,
}

impl<'a> Model<'a> {
    fn new(place: &'a Place, patterns: &'a [&'a str]) -> Self {
        Self {
            place,
            patterns,
            server: Some(place.follow(patterns)),
            steps_without: 0,
            lives: HashMap::new(),
            next_life: 0,
            rotations: 0,
            written: Vec::new(),
            stored: HashSet::new(),
        }
    }

    fn run(&mut self, step: &Step) {
        match *step {
            Step::Write { name, lines, is_unended } => self.write(NAMES[name], lines, is_unended),
            Step::Rotate { name, late_lines } => self.rotate(NAMES[name], late_lines),
            Step::Truncate { name } => self.truncate(NAMES[name]),
            Step::Delete { name, late_lines } => self.delete(NAMES[name], late_lines),
            Step::Restart { kill, steps_without } => self.restart(kill, steps_without),
        }
        if self.server.is_none() {
            match self.steps_without.checked_sub(1) {
                Some(left) => self.steps_without = left,
                None => self.server = Some(self.place.follow(self.patterns)),
            }
        }
    }

    fn write(&mut self, name: &'static str, lines: usize, is_unended: bool) {
        let text = self.text(name, lines, is_unended);
        self.place.append(name, text);
    }

    /// The next lines of a file's life.
    fn text(&mut self, name: &'static str, lines: usize, is_unended: bool) -> String {
        let life = self.lives.entry(name).or_insert_with(|| {
            self.next_life += 1;
            Life { number: self.next_life, ..Life::default() }
        });
        let mut text = String::new();
        if std::mem::take(&mut life.is_unended) {
            text += " ends\n";
        }
        for _ in 0..lines {
            let line = format!("{} {}", life.number, life.lines);
            life.lines += 1;
            text += &line;
            self.written.push(line);
            text += "\n";
        }
        if is_unended && lines > 0 {
            text.pop();
            life.is_unended = true;
            // It has this ending in the end, whoever writes it.
            self.written.last_mut().unwrap().push_str(" ends");
        }
        text
    }

    /// Waits until a file's lines are stored: the first, or all. Whether they are; without a server there is no waiting.
    fn is_stored(&mut self, name: &'static str, all: bool) -> bool {
        let Some(life) = self.lives.get(name) else { return false };
        if life.lines == 0 || (all && life.is_unended) {
            return false;
        }
        let of = |body: &str| body.split(' ').next() == Some(&life.number.to_string());
        let wanted = |stored: &HashSet<String>| {
            stored.iter().filter(|body| of(body)).count() >= if all { life.lines } else { 1 }
        };
        let Some(server) = &self.server else { return wanted(&self.stored) };
        if !all && life.lines == 1 && life.is_unended {
            return false;
        }
        let mut count = 1;
        loop {
            let stored: HashSet<_> = server.bodies(count).into_iter().collect();
            if wanted(&stored) {
                return true;
            }
            count = (server.stream.tail().0 as usize).max(count + 1);
        }
    }

    fn rotate(&mut self, name: &'static str, late_lines: usize) {
        // What no pattern matches any more must have been seen before.
        if !self.is_stored(name, false) {
            return;
        }
        self.rotations += 1;
        let rotated = format!("{name}.{}", self.rotations);
        self.place.rename(name, &rotated);
        let text = self.text(name, late_lines, false);
        self.place.append(&rotated, text);
        self.lives.remove(name);
    }

    fn truncate(&mut self, name: &'static str) {
        if self.is_stored(name, true) {
            self.place.truncate(name);
            self.lives.remove(name);
        }
    }

    fn delete(&mut self, name: &'static str, late_lines: usize) {
        // Only a file that the server has open can be read when it has no name any more: a new line of it must have been stored.
        let Some(server) = self.server.take() else { return };
        if self.place.path(name).exists() {
            self.write(name, 1, false);
            server.bodies(self.ended());
            let mut writer = OpenOptions::new().append(true).open(self.place.path(name)).unwrap();
            self.place.remove(name);
            let text = self.text(name, late_lines, false);
            writer.write_all(text.as_bytes()).unwrap();
            self.lives.remove(name);
            // The next server could not find it again.
            server.bodies(self.ended());
        }
        self.server = Some(server);
    }

    fn restart(&mut self, kill: bool, steps_without: usize) {
        let Some(server) = self.server.take() else { return };
        let (stream, runtime) =
            (server.stream.clone(), tokio::runtime::Builder::new_current_thread().build().unwrap());
        if kill {
            server.kill();
        } else {
            drop(server.stop());
        }
        let mut lines = Vec::new();
        runtime.block_on(super::read(&stream, false, usize::MAX, &mut lines));
        self.stored = lines.into_iter().map(|line| line.body).collect();
        self.steps_without = steps_without;
    }

    /// How many lines have their end.
    fn ended(&self) -> usize {
        self.written.len() - self.lives.values().filter(|life| life.is_unended).count()
    }

    /// Ends every line and every file's life, and gives what is stored then.
    fn finish(mut self) -> (Vec<Line>, Vec<String>) {
        for name in NAMES {
            if self.lives.get(name).is_some_and(|life| life.is_unended) {
                self.write(name, 0, false);
            }
        }
        let server = self.server.take().unwrap_or_else(|| self.place.follow(self.patterns));
        server.bodies(self.written.len());
        (server.stop(), self.written)
    }
}

fn check(patterns: &[&str], steps: &[Step]) {
    let place = Place::new();
    let mut model = Model::new(&place, patterns);
    for step in steps {
        model.run(step);
    }
    let (stored, written) = model.finish();
    let mut by_life: HashMap<&str, Vec<&str>> = HashMap::new();
    for line in &stored {
        by_life.entry(line.body.split(' ').next().unwrap()).or_default().push(&line.body);
    }
    let mut expected: HashMap<&str, Vec<&str>> = HashMap::new();
    for line in &written {
        expected.entry(line.split(' ').next().unwrap()).or_default().push(line);
    }
    assert_eq!(by_life, expected);
    assert_eq!(stored.len(), written.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn every_line_is_stored_once_when_rotated_files_match_too(steps in proptest::collection::vec(step(), 1..25)) {
        check(&["*.log*"], &steps);
    }

    #[test]
    fn every_line_is_stored_once_when_rotated_files_match_no_more(steps in proptest::collection::vec(step(), 1..25)) {
        check(&["*.log"], &steps);
    }
}
