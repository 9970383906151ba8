//! Every operation on the disk fails, once or twice, and life goes on: nothing acknowledged is lost then, nor when the power goes after it.

use super::crash::{CASES, Case, check};
use super::history::{Step, step};
use super::oracle::Oracle;
use super::world::World;
use crate::disk::faulty::{EIO, ENOSPC, Fault};
use crate::{Engine, Stream};

/// How an operation can fail, and how often a step is tried then; a step that fails for good is left out.
const FAULTS: [(Fault, usize); 3] =
    [(Fault::Error(EIO), 4), (Fault::Late(EIO), 1), (Fault::Short(ENOSPC), 1)];

/// How often an opening is tried.
const OPENINGS: usize = 4;

/// An engine that is opened again when its journal takes no more appends.
struct Running<'a> {
    world: &'a World,
    open: Option<(Engine, Stream)>,
    oracle: Oracle,
    attempts: usize,
}

impl Running<'_> {
    /// The stream; `None` when the power is gone.
    fn stream(&mut self) -> Option<Stream> {
        let broken = self.open.as_ref().is_some_and(|(_, stream)| stream.read_only().is_some());
        if broken {
            self.open = None;
        }
        if self.open.is_none() {
            // Faults may hit the opening, too.
            let opened = (0..OPENINGS).find_map(|_| self.world.open().ok());
            assert!(opened.is_some() || !self.world.disk.has_power(), "it does not open");
            self.oracle.take_over(&opened.as_ref()?.1, "opened again");
            self.open = opened;
        }
        self.open.as_ref().map(|(_, stream)| stream.clone())
    }

    /// Lives through a history; what fails is tried again. `None` when the power goes.
    fn live(&mut self, steps: &[Step]) -> Option<()> {
        for &next in steps {
            let mut done = Err(String::new());
            for _ in 0..self.attempts {
                let stream = self.stream()?;
                let unanswered = self.oracle.unanswered.len();
                done = step(&stream, &mut self.oracle, next);
                if !self.world.disk.has_power() {
                    return None;
                }
                // Readers go on, whatever failed.
                self.look(&stream, next);
                let stored_perhaps = self.oracle.unanswered.len() > unanswered;
                if done.is_ok() || stored_perhaps {
                    break;
                }
            }
            assert!(
                done.is_ok() || self.attempts == 1 || !self.oracle.unanswered.is_empty(),
                "{next:?} does not succeed: {done:?}"
            );
        }
        self.stream().map(drop)
    }

    fn look(&mut self, stream: &Stream, after: Step) {
        let head = stream.extent().head.0;
        assert!(
            head >= self.oracle.head,
            "after {after:?} the head went from {} to {head}",
            self.oracle.head
        );
        assert!(
            head == self.oracle.head || self.oracle.head_unknown,
            "after {after:?} the head went from {} to {head}, and nobody had asked for it",
            self.oracle.head
        );
        self.oracle.head = head;
        self.oracle.check_forward(stream, &format!("after {after:?}"));
    }
}

/// Lives through a case with faults at operations. Returns whether the power stayed on.
fn run(case: &Case, attempts: usize, faults: &[(usize, Fault)]) -> (World, Oracle, bool) {
    let (start, oracle) = (case.start)();
    let world = start.with(start.disk.copy());
    faults.iter().for_each(|&(nth, fault)| world.disk.fail(nth, fault));
    let mut running = Running { world: &world, open: None, oracle, attempts };
    let stays_on = running.live(case.steps).is_some();
    let oracle = running.oracle;
    (world, oracle, stays_on)
}

/// Looks at what a history left: as it is, and after power loss.
fn look_after(world: &World, oracle: &Oracle, what: &str) {
    if world.disk.has_power() {
        check(&world.with(world.disk.after_kill()), &mut oracle.clone(), what);
    }
    for seed in [0, 2] {
        let up = world.with(world.disk.after_power_loss(seed));
        check(&up, &mut oracle.clone(), &format!("{what}, then power loss, seed {seed}"));
    }
}

#[test]
fn an_error_at_any_operation_loses_nothing_acknowledged() {
    for case in &CASES {
        for (fault, attempts) in FAULTS {
            for nth in 0.. {
                let (world, oracle, stays_on) = run(case, attempts, &[(nth, fault)]);
                assert!(stays_on);
                if world.disk.log().len() <= nth {
                    assert!(nth > 100);
                    break;
                }
                look_after(&world, &oracle, &format!("{}, {fault:?} at {nth}", case.name));
            }
        }
    }
}

/// After how many operations something else goes wrong: two of the small numbers for each operation.
fn soon_after(nth: usize) -> [usize; 2] {
    [1 + nth % 2, 3 + nth % 4]
}

#[test]
fn an_error_soon_after_another_loses_nothing_acknowledged() {
    for case in &CASES {
        for nth in 0.. {
            let mut reached = false;
            for soon in soon_after(nth) {
                let faults = [(nth, Fault::Late(EIO)), (nth + soon, Fault::Error(EIO))];
                let attempts = [4, 1][nth / 2 % 2];
                let (world, oracle, _) = run(case, attempts, &faults);
                reached |= world.disk.log().len() > nth + soon;
                look_after(&world, &oracle, &format!("{}, errors at {nth} and {soon} later", case.name));
            }
            if !reached {
                break;
            }
        }
    }
}

#[test]
fn power_loss_soon_after_an_error_loses_nothing_acknowledged() {
    for case in &CASES {
        for nth in 0.. {
            let mut reached = false;
            for (fault, soon) in [Fault::Error(EIO), Fault::Late(EIO)].into_iter().zip(soon_after(nth)) {
                let (world, oracle, stays_on) = run(case, 4, &[(nth, fault), (nth + soon, Fault::PowerLoss)]);
                reached |= !stays_on;
                let what = format!("{}, {fault:?} at {nth}, power loss {soon} later", case.name);
                look_after(&world, &oracle, &what);
            }
            if !reached {
                break;
            }
        }
    }
}
