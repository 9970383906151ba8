//! Long histories by seed: producers that repeat, readers that come and go, sealing, merging, retention, errors, full disks, kills and power losses,
//! in any order.
//!
//! `SPILE_SIM_SEED=n` runs one seed again. What a seed does is the same each time: its trace says so.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use super::known::Known;
use super::oracle::batch;
use super::random::Random;
use super::readers::{Polled, Reader};
use super::reading::forward;
use super::world::{World, small_limits};
use crate::blocking::{Blocking, Task};
use crate::disk::faulty::{EIO, ENOSPC, Fault};
use crate::filter::Filter;
use crate::subscription::Start;
use crate::{Ack, AppendError, Engine, Limits, Retention, SealPolicy, Stream};

/// How many seeds are run.
const SEEDS: u64 = 1_000;

/// How many steps a seed has.
const STEPS: usize = 200;

const PRODUCERS: usize = 3;

/// Blocking work that waits until the simulation runs it, in an order of its own.
#[derive(Default)]
struct Later(Mutex<Vec<Task>>);

impl Later {
    fn tasks(&self) -> std::sync::MutexGuard<'_, Vec<Task>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, random: &mut Random) -> Option<Task> {
        let mut tasks = self.tasks();
        let count = tasks.len() as u64;
        (count > 0).then(|| tasks.swap_remove(random.below(count) as usize))
    }
}

impl Blocking for Later {
    fn run(&self, task: Task) {
        self.tasks().push(task);
    }
}

type Answer = Pin<Box<dyn Future<Output = Result<Ack, AppendError>>>>;

/// A producer: sends a batch until it is acknowledged, under one sequence, then the next.
#[derive(Default)]
struct Producer {
    sequence: u64,
    bodies: Vec<String>,
    answer: Option<Answer>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Produce,
    Work,
    Read,
    Come,
    Leave,
    Seal,
    Merge,
    Retain,
    Fail,
    Fill,
    Stop,
    Kill,
    PowerLoss,
}

const WEIGHTS: [(u64, Step); 13] = [
    (24, Step::Produce),
    (28, Step::Work),
    (20, Step::Read),
    (5, Step::Come),
    (1, Step::Leave),
    (5, Step::Seal),
    (3, Step::Merge),
    (3, Step::Retain),
    (3, Step::Fail),
    (1, Step::Fill),
    (1, Step::Stop),
    (2, Step::Kill),
    (2, Step::PowerLoss),
];

struct Simulation {
    random: Random,
    world: World,
    later: Arc<Later>,
    open: (Engine, Stream),
    known: Known,
    producers: [Producer; PRODUCERS],
    readers: Vec<Reader>,
    trace: u64,
}

impl Simulation {
    fn new(seed: u64) -> Self {
        let later = Arc::new(Later::default());
        let limits = Limits { segment_index_bytes: 20_000, cold_frame_bytes: 4_000, ..small_limits(32) };
        let world = World::new(limits).blocking(Arc::clone(&later) as _);
        let open = world.open().unwrap();
        Self {
            random: Random(seed),
            world,
            later,
            open,
            known: Known::default(),
            producers: Default::default(),
            readers: Vec::new(),
            trace: seed,
        }
    }

    fn note(&mut self, fact: u64) {
        self.trace = (self.trace.rotate_left(7) ^ fact).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn stream(&self) -> Stream {
        self.open.1.clone()
    }

    fn step(&mut self) {
        let step = self.random.choose(&WEIGHTS);
        let stream = self.stream();
        match step {
            Step::Produce => self.produce(),
            Step::Work => {
                if let Some(task) = self.later.take(&mut self.random) {
                    task();
                }
            }
            Step::Read => self.read(),
            Step::Come if self.readers.len() < 4 => self.come(),
            Step::Leave if !self.readers.is_empty() => drop(self.readers.swap_remove(0)),
            Step::Come | Step::Leave => {}
            // What fails is tried again when it is this step's turn once more.
            Step::Seal => drop(stream.seal()),
            Step::Merge => drop(stream.keep_sealed(&SealPolicy { bytes: u64::MAX, age_nanos: u64::MAX }, 1)),
            Step::Retain => {
                let bytes = Some(self.random.below(30_000));
                drop(stream.retain(&Retention { bytes, age_nanos: None }, 1));
            }
            Step::Fail => {
                let fault = [Fault::Error(EIO), Fault::Short(ENOSPC), Fault::Late(EIO), Fault::PowerLoss]
                    [self.random.below(4) as usize];
                let nth = self.world.disk.log().len() + self.random.below(20) as usize;
                self.world.disk.fail(nth, fault);
            }
            Step::Fill => self.world.disk.set_capacity(Some(self.world.disk.used() + 200)),
            Step::Stop => {
                self.open.0.close();
                self.restart(false);
            }
            Step::Kill => self.restart(false),
            Step::PowerLoss => self.restart(true),
        }
        if !self.world.disk.has_power() {
            self.restart(true);
        } else if self.open.1.read_only().is_some() {
            self.restart(false);
        }
        self.known.see_head(self.open.1.extent().head.0);
        let facts = [step as u64, self.open.1.tail().0, self.known.head, self.world.disk.log().len() as u64];
        facts.into_iter().for_each(|fact| self.note(fact));
    }

    /// A producer sends, or sends again, or looks for its answer.
    fn produce(&mut self) {
        let at = self.random.below(PRODUCERS as u64) as usize;
        self.produce_of(at);
    }

    fn produce_of(&mut self, at: usize) {
        let (stream, records) = (self.stream(), 1 + self.random.below(6));
        let producer = &mut self.producers[at];
        if producer.bodies.is_empty() {
            producer.sequence += 1;
            let sequence = producer.sequence;
            let kind = |n: u64| if (sequence + n).is_multiple_of(3) { "severe" } else { "plain" };
            producer.bodies = (0..records).map(|n| format!("{at} {sequence} {n} {}", kind(n))).collect();
        }
        let answer: &mut Answer = producer.answer.get_or_insert_with(|| {
            let append = batch(["a", "b", "c"][at], producer.sequence, &producer.bodies);
            Box::pin(async move { stream.append(append).await })
        });
        let Poll::Ready(answer) = answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
            return;
        };
        producer.answer = None;
        if let Ok(ack) = answer {
            let bodies = std::mem::take(&mut producer.bodies);
            assert_eq!(ack.records, bodies.len() as u64, "all of the batch is there");
            (ack.first_offset.0..).zip(&bodies).for_each(|(offset, body)| self.known.learn(offset, body));
            self.note(ack.first_offset.0);
        }
    }

    fn come(&mut self) {
        let (stream, severe) = (self.stream(), self.random.below(2) == 0);
        let reader = match self.random.below(3) {
            0 => Reader::newest_first(&stream, severe),
            _ => Reader::follow(&stream, self.random.below(stream.tail().0 + 1), severe),
        };
        self.readers.push(reader);
    }

    fn read(&mut self) {
        let (at, times) = (self.random.below(4) as usize, self.random.below(12));
        for _ in 0..times {
            let Some(reader) = self.readers.get_mut(at) else { return };
            let failed = match reader.poll(&mut self.known) {
                Polled::Came => false,
                Polled::Failed => true,
                Polled::Nothing => return,
            };
            let position = reader.position();
            self.note(position << 1 | u64::from(failed));
        }
    }

    /// The process ends, and another one begins; with the power, what was not synced may go.
    fn restart(&mut self, power_loss: bool) {
        self.producers.iter_mut().for_each(|producer| producer.answer = None);
        self.later.tasks().clear();
        let disk = &self.world.disk;
        let seed = self.random.below(8);
        let disk =
            if power_loss || !disk.has_power() { disk.after_power_loss(seed) } else { disk.after_kill() };
        self.world = self.world.with(disk);
        self.open = self.world.open().unwrap_or_else(|error| panic!("it does not open: {error}"));
        let stream = self.stream();
        assert!(stream.tail().0 >= self.known.end(), "what was acknowledged or read is durable");
        self.readers.iter_mut().for_each(|reader| reader.resume(&stream));
    }

    /// No more faults: everything waiting is done, every reader reads to its end, and all there is was meant to be.
    fn finish(&mut self) -> u64 {
        self.restart(false);
        let mut idle = 0;
        while idle < 40 {
            let worked = self.later.take(&mut self.random).map(|task: Task| task()).is_some();
            self.produce_what_is_left();
            let came = self.readers.iter_mut().filter_map(|reader| match reader.poll(&mut self.known) {
                Polled::Came => Some(()),
                Polled::Nothing => None,
                Polled::Failed => panic!("nothing fails any more"),
            });
            idle = if came.count() > 0 || worked { 0 } else { idle + 1 };
        }
        let answered = self.producers.iter().all(|producer| producer.bodies.is_empty());
        assert!(answered, "every producer is answered");
        let (stream, later, mut random) = (self.stream(), Arc::clone(&self.later), self.random.clone());
        let came = forward(&stream, Start::Oldest, &Filter::all(), || {
            if let Some(task) = later.take(&mut random) {
                task();
            }
        });
        assert_eq!(came.gaps, [], "nothing that is retained is missing");
        self.known.see_head(stream.extent().head.0);
        self.known.check_all(&came.records, stream.tail().0);
        self.note(came.records.len() as u64);
        self.trace
    }

    /// Batches on their way are sent until they are acknowledged; no new ones.
    fn produce_what_is_left(&mut self) {
        for at in 0..PRODUCERS {
            if !self.producers[at].bodies.is_empty() {
                self.produce_of(at);
            }
        }
    }
}

fn run(seed: u64) -> u64 {
    let mut simulation = Simulation::new(seed);
    (0..STEPS).for_each(|_| simulation.step());
    simulation.finish()
}

/// Runs seeds side by side; says how to run one again that fails.
fn run_all(seeds: impl Iterator<Item = u64>) {
    for seed in seeds {
        if let Err(panic) = std::panic::catch_unwind(|| run(seed)) {
            eprintln!("seed {seed} failed; run it again with SPILE_SIM_SEED={seed}");
            std::panic::resume_unwind(panic);
        }
    }
}

#[test]
fn whatever_happens_what_was_told_stays_true_in_even_seeds() {
    match std::env::var("SPILE_SIM_SEED") {
        Ok(seed) => run_all(std::iter::once(seed.parse().unwrap())),
        Err(_) => run_all((0..SEEDS).step_by(2)),
    }
}

#[test]
fn whatever_happens_what_was_told_stays_true_in_odd_seeds() {
    if std::env::var("SPILE_SIM_SEED").is_err() {
        run_all((1..SEEDS).step_by(2));
    }
}

#[test]
fn a_seed_does_the_same_each_time() {
    for seed in [3, 14, 159] {
        assert_eq!(run(seed), run(seed));
    }
    assert_ne!(run(3), run(4));
}
