//! A journal does what a list would do, whatever is done to it in whatever order.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Action {
    /// Frames with these numbers of records; `true`: tied to the next one.
    Commit(Vec<(u64, bool)>),
    /// To this share of what is there, percent.
    Trim(u64),
    Retain(u64),
    Mark,
    Reopen,
    /// From and up to these shares, percent, and so many bytes.
    Read(u64, u64, usize),
    ReadBack(u64, usize),
    /// Only where the disk can lose power.
    PowerLoss(u64),
}

fn action() -> impl Strategy<Value = Action> {
    let frames = prop::collection::vec((1..6_u64, any::<bool>()), 1..5);
    let bytes = prop_oneof![1..2_usize, 1..2_000_usize, Just(usize::MAX)];
    prop_oneof![
        6 => frames.prop_map(Action::Commit),
        1 => (0..101_u64).prop_map(Action::Trim),
        1 => (0..6_000_u64).prop_map(Action::Retain),
        1 => Just(Action::Mark),
        1 => Just(Action::Reopen),
        3 => (0..110_u64, 0..110_u64, bytes.clone()).prop_map(|(a, b, c)| Action::Read(a, b, c)),
        3 => (0..110_u64, bytes).prop_map(|(a, b)| Action::ReadBack(a, b)),
        1 => any::<u64>().prop_map(Action::PowerLoss),
    ]
}

/// The journal and what it must be like.
struct Model<'a> {
    open: &'a dyn Fn() -> (Journal, Recovered),
    journal: Journal,
    /// The bodies by offset, and the offsets at which frames start.
    bodies: Vec<String>,
    starts: Vec<u64>,
    head: u64,
}

impl<'a> Model<'a> {
    fn new(open: &'a dyn Fn() -> (Journal, Recovered)) -> Self {
        Self { open, journal: open().0, bodies: Vec::new(), starts: Vec::new(), head: 0 }
    }

    fn tail(&self) -> u64 {
        self.bodies.len() as u64
    }

    fn share(&self, percent: u64) -> u64 {
        self.tail() * percent / 100
    }

    fn apply(&mut self, action: &Action) {
        match action {
            Action::Commit(frames) => self.commit(frames),
            Action::Trim(percent) => {
                let up_to = self.share(*percent);
                let head = self.journal.trim(Offset(up_to)).unwrap();
                assert_eq!(head.0, up_to.max(self.head));
                self.head = head.0;
            }
            Action::Retain(bytes) => {
                let head = self.journal.retain(Some(*bytes), None, 0).unwrap();
                assert!(self.head <= head.0 && head.0 <= self.tail());
                self.head = head.0;
            }
            Action::Mark => self.journal.mark().unwrap(),
            Action::Reopen => {
                let (journal, recovered) = (self.open)();
                assert_eq!(recovered.verdict, Verdict::Clean);
                self.journal = journal;
            }
            Action::Read(from, up_to, bytes) => self.read(*from, *up_to, *bytes),
            Action::ReadBack(before, bytes) => self.read_back(*before, *bytes),
            Action::PowerLoss(_) => {}
        }
        assert_eq!(self.journal.tail().0, self.tail());
        let reader = self.journal.reader();
        assert_eq!((reader.head().0, reader.tail().0), (self.head, self.tail()));
    }

    fn commit(&mut self, frames: &[(u64, bool)]) {
        let mut pending = Vec::new();
        for (nth, (count, tied)) in frames.iter().enumerate() {
            self.starts.push(self.tail());
            let bodies = bodies(self.tail(), *count);
            let continues = *tied && nth + 1 < frames.len();
            pending.push(PendingFrame { continues, ..frame(&bodies) });
            self.bodies.extend(bodies);
        }
        self.journal.commit(&pending, 7).unwrap();
    }

    fn frame_end(&self, offset: u64) -> u64 {
        let next = self.starts.partition_point(|start| *start <= offset);
        self.starts.get(next).copied().unwrap_or(self.tail())
    }

    fn frame_start(&self, offset: u64) -> u64 {
        self.starts[self.starts.partition_point(|start| *start <= offset) - 1]
    }

    fn read(&self, from: u64, up_to: u64, bytes: usize) {
        let (from, up_to) = (self.share(from), self.share(up_to));
        let run = self.journal.reader().read(Offset(from), Offset(up_to), bytes, &all);
        if from < self.head {
            assert_eq!(run.unwrap_err(), ReadError::Trimmed { head: Offset(self.head) });
            return;
        }
        let run = run.unwrap();
        if from >= up_to.min(self.tail()) {
            assert!(run.frames.is_empty() && run.next.0 == from);
            return;
        }
        let whole = self.frame_end(up_to.min(self.tail()) - 1);
        let expected_next = if bytes == usize::MAX { whole } else { run.next.0 };
        assert!(run.next.0 == expected_next && from < run.next.0 && run.next.0 <= whole);
        let first = self.frame_start(from) as usize;
        assert_eq!(bodies_of(&run.frames), self.bodies[first..run.next.0 as usize]);
    }

    fn read_back(&self, before: u64, bytes: usize) {
        let before = self.share(before);
        let run = self.journal.reader().read_back(Offset(before), bytes, &all);
        if before < self.head {
            assert_eq!(run.unwrap_err(), ReadError::Trimmed { head: Offset(self.head) });
            return;
        }
        let run = run.unwrap();
        let before = before.min(self.tail());
        if before == self.head {
            assert!(run.frames.is_empty());
            return;
        }
        assert!(run.next.0 < before);
        if bytes == usize::MAX {
            assert!(run.next.0 <= self.head);
        }
        let end = self.frame_end(before - 1) as usize;
        assert_eq!(bodies_of(&run.frames), self.bodies[run.next.0 as usize..end]);
    }
}

proptest! {
    #[test]
    fn a_journal_in_memory_is_like_a_list(
        actions in prop::collection::vec(action(), 1..60),
        file_bytes in 1..4_000_u64,
    ) {
        let disk = std::cell::RefCell::new(FaultyDisk::default());
        let options = JournalOptions { file_bytes, ..OPTIONS };
        let reopen = || open(&disk.borrow(), options).unwrap();
        let mut model = Model::new(&reopen);
        for action in &actions {
            if let Action::PowerLoss(seed) = action {
                // Everything that was asked for was answered, so nothing may be missing.
                let up = disk.borrow().after_power_loss(*seed);
                disk.replace(up);
                model.apply(&Action::Reopen);
            }
            model.apply(action);
        }
        model.apply(&Action::Reopen);
        let expected: Vec<_> = (0..).zip(model.bodies.clone()).skip(model.head as usize).collect();
        prop_assert_eq!(contents(&model.journal.reader()), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn a_journal_on_disk_is_like_a_list(
        actions in prop::collection::vec(action(), 1..40),
        file_bytes in 1..4_000_u64,
    ) {
        let place = OnDisk::new();
        let reopen = || place.open(JournalOptions { file_bytes, ..OPTIONS });
        let mut model = Model::new(&reopen);
        for action in &actions {
            model.apply(action);
        }
        model.apply(&Action::Reopen);
        let expected: Vec<_> = (0..).zip(model.bodies.clone()).skip(model.head as usize).collect();
        prop_assert_eq!(contents(&model.journal.reader()), expected);
    }
}
