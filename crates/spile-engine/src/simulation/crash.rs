//! Power goes, or the process is killed, at every operation on the disk, also while recovering from the last time: what was acknowledged is there,
//! once and in order; what was removed stays away; nothing is left lying about.

use super::history::{FROM_NOTHING, ON_SMALL_SEGMENTS, Step, small_segments, step};
use super::oracle::Oracle;
use super::world::{World, small_limits};
use crate::disk::faulty::Fault;

/// Seeds for what survives a power loss: nothing of what was not synced, all of it, and some of it.
const SEEDS: [u64; 7] = [0, 1, 2, 3, 4, 5, 6];

/// A history and what it starts from.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) start: fn() -> (World, Oracle),
    pub(super) steps: &'static [Step],
}

pub(super) const CASES: [Case; 2] = [
    Case {
        name: "from nothing",
        start: || (World::new(small_limits(8)), Oracle::new()),
        steps: FROM_NOTHING,
    },
    Case { name: "on small segments", start: small_segments, steps: ON_SMALL_SEGMENTS },
];

/// Lives through a history, up to the first step that does not succeed.
fn live(world: &World, oracle: &mut Oracle, steps: &[Step]) -> Result<(), String> {
    let (_engine, stream) = world.open().map_err(|error| error.to_string())?;
    for &next in steps {
        step(&stream, oracle, next)?;
    }
    Ok(())
}

/// How a history ended at an operation: the disk and what was told.
struct Ended {
    world: World,
    oracle: Oracle,
    what: String,
}

/// A history that ended at its every operation, one after the other.
fn ends(case: &Case) -> impl Iterator<Item = Ended> {
    let (start, oracle) = (case.start)();
    let (name, steps) = (case.name, case.steps);
    (0..).map_while(move |nth| {
        let world = start.with(start.disk.copy());
        let mut oracle = oracle.clone();
        world.disk.fail(nth, Fault::PowerLoss);
        let lived = live(&world, &mut oracle, steps);
        // A failure that is not told, as that of a removal, ends the power all the same.
        assert!(lived.is_err() || !world.disk.has_power() || world.disk.log().len() <= nth);
        (!world.disk.has_power()).then(|| Ended { world, oracle, what: format!("{name}, ended at {nth}") })
    })
}

/// Opens a world, and looks at all of it; then life goes on.
pub(super) fn check(world: &World, oracle: &mut Oracle, what: &str) {
    let (_engine, stream) = world.open().unwrap_or_else(|error| panic!("{what}: {error}"));
    oracle.take_over(&stream, what);
    oracle.check_opened(world, &stream, what);
    oracle.check(&stream, what);
}

/// Checks, appends, seals, merges, and checks again after another opening.
fn check_and_go_on(world: &World, mut oracle: Oracle, what: &str) {
    check(world, &mut oracle, what);
    let (engine, stream) = world.open().unwrap();
    for next in [Step::Append(3), Step::Seal, Step::Merge, Step::Append(1)] {
        step(&stream, &mut oracle, next).unwrap_or_else(|error| panic!("{what}: {next:?}: {error}"));
        oracle.check(&stream, what);
    }
    drop((engine, stream));
    check(world, &mut oracle, what);
}

#[test]
fn power_loss_at_any_operation_loses_nothing_acknowledged() {
    for case in &CASES {
        let mut operations = 0;
        for Ended { world, oracle, what } in ends(case) {
            operations += 1;
            for seed in SEEDS {
                let up = world.with(world.disk.after_power_loss(seed));
                check(&up, &mut oracle.clone(), &format!("{what}, seed {seed}"));
            }
            let up = world.with(world.disk.after_power_loss(0));
            check_and_go_on(&up, oracle, &what);
        }
        println!("{}: {operations} operations, {} seeds", case.name, SEEDS.len());
        assert!(operations > 100, "{} has {operations} operations", case.name);
    }
}

#[test]
fn a_kill_at_any_operation_loses_nothing_acknowledged_even_if_the_power_goes_then() {
    for case in &CASES {
        for Ended { world, mut oracle, what } in ends(case) {
            let up = world.with(world.disk.after_kill());
            check(&up, &mut oracle, &what);
            // What the next process took for granted, and showed, has to be durable by now.
            for seed in [0, 2, 3] {
                let what = format!("{what}, then power loss, seed {seed}");
                check(&up.with(up.disk.after_power_loss(seed)), &mut oracle.clone(), &what);
            }
        }
    }
}

#[test]
fn a_crash_at_any_operation_of_recovery_loses_nothing_acknowledged() {
    let mut ended_again = 0;
    for case in &CASES {
        for Ended { world, oracle, what } in ends(case) {
            let images = [world.disk.after_kill(), world.disk.after_power_loss(1)];
            for (image, disk) in images.iter().enumerate() {
                for second in 0.. {
                    let up = world.with(disk.after_kill());
                    up.disk.fail(second, Fault::PowerLoss);
                    let opened = up.open().is_ok();
                    if opened && up.disk.has_power() {
                        break;
                    }
                    ended_again += 1;
                    let what = format!("{what}, image {image}, then at {second} of recovery");
                    let seed = [0, 2][second % 2];
                    let again = up.with(up.disk.after_power_loss(seed));
                    check(&again, &mut oracle.clone(), &format!("{what}, seed {seed}"));
                }
            }
        }
    }
    println!("{ended_again} recoveries that ended");
}
