//! Where the screen goes, and what has to be asked for that.

use super::*;
use spile_client::proto::{Order, Start, context_request};

/// How many rows there are to be above the screen before older ones are fetched.
const MARGIN: usize = 200;

/// How many are fetched at a time.
const OLDER: u64 = 500;

/// So many rows below the selected one, reading stops until the reader comes nearer.
const AHEAD: usize = 1_000;

impl Model {
    pub(super) fn move_by(&mut self, rows: isize) {
        let Some(selected) = self.selected else { return };
        let moved = match rows {
            0.. => self.window.below(selected, rows.unsigned_abs()),
            _ => self.window.above(selected, rows.unsigned_abs()),
        };
        if rows.unsigned_abs() >= self.page() && self.page() > 1 {
            // By pages the screen moves with it.
            let top = self.top.unwrap_or(selected);
            self.top = match rows {
                0.. => self.window.below(top, rows.unsigned_abs()),
                _ => self.window.above(top, rows.unsigned_abs()),
            };
        }
        if rows < 0 {
            self.follow = false;
        }
        self.select(moved);
    }

    pub(super) fn select(&mut self, row: Option<u64>) {
        if self.selected != row {
            self.detail = self.detail.map(|_| 0);
        }
        self.selected = row;
    }

    pub(super) fn go_oldest(&mut self, session: &mut impl Session) {
        self.follow = false;
        if self.at_oldest && self.pending.is_none() && !self.window.is_empty() {
            return self.select(self.window.first());
        }
        let begin = Begin { goal: Some(Goal::First), at_oldest: true, ..Begin::default() };
        self.replace(self.asked().clone(), Position::Oldest(Oldest {}), begin, session);
    }

    pub(super) fn go_newest(&mut self, session: &mut impl Session) {
        self.paused = false;
        let attached = self.caught_up && !self.cut && !self.pause_sent && self.pending.is_none();
        if attached || self.ended.is_some() && !self.cut && self.pending.is_none() {
            self.follow = true;
            self.goal = None;
        } else {
            self.read_newest(self.asked().clone(), session);
        }
    }

    pub(super) fn read_newest(&mut self, spec: Spec, session: &mut impl Session) {
        self.replace(spec, Position::Last(NEWEST), Begin { follow: true, ..Begin::default() }, session);
    }

    /// Reads something else where the screen is.
    pub(super) fn read_here(&mut self, spec: Spec, prompt: Option<Prompt>, session: &mut impl Session) {
        let pending = self.pending.as_ref().filter(|pending| !pending.extends);
        let (follow, goal) = match pending {
            // What was asked for before has not come: the place is the same.
            Some(pending) => (pending.follow, pending.goal),
            None => (self.follow, self.selected.map(Goal::Offset)),
        };
        let position = match (follow, goal) {
            (false, Some(Goal::Offset(offset))) => self.around(before::Position::Offset(offset)),
            (false, Some(Goal::Time(time))) => self.around(before::Position::TimeUnixNano(time)),
            (false, Some(Goal::First)) => Position::Oldest(Oldest {}),
            _ => Position::Last(NEWEST),
        };
        let at_oldest = matches!(position, Position::Oldest(_));
        let goal = if follow { None } else { goal };
        self.replace(spec, position, Begin { follow, goal, at_oldest, prompt }, session);
    }

    pub(super) fn go(&mut self, place: Place, session: &mut impl Session) {
        let (position, goal) = match place {
            Place::Offset(offset) => (before::Position::Offset(offset), Goal::Offset(offset)),
            Place::Time(time) => (before::Position::TimeUnixNano(time), Goal::Time(time)),
        };
        let begin = Begin { goal: Some(goal), ..Begin::default() };
        self.replace(self.asked().clone(), self.around(position), begin, session);
    }

    /// From a screenful above a position on.
    fn around(&self, position: before::Position) -> Position {
        let records = self.page().max(10) as u32;
        Position::Before(Before { position: Some(position), records })
    }

    /// Reads from a position; when that is accepted it takes the window's place.
    pub(super) fn replace(
        &mut self,
        spec: Spec,
        position: Position,
        begin: Begin,
        session: &mut impl Session,
    ) {
        let number = session.read(spec.read(position));
        let Begin { follow, goal, at_oldest, prompt } = begin;
        self.pending = Some(Pending { number, spec, extends: false, follow, goal, at_oldest, prompt });
    }

    pub(super) fn jump_to_match(&mut self, forward: bool, session: &mut impl Session) {
        if self.search.is_empty() {
            return self.say("nothing is searched for: / begins");
        }
        let search = self.search.clone();
        self.jump("match", &search, forward, session);
    }

    /// Goes to the next record that matches further.
    pub(super) fn jump(
        &mut self,
        what: &'static str,
        further: &str,
        forward: bool,
        session: &mut impl Session,
    ) {
        let Some(selected) = self.selected else { return };
        let offset = if forward { selected.saturating_add(1) } else { selected };
        let request = TailRequest {
            stream: self.spec.stream.clone(),
            filter: Some(self.spec.filter(further)),
            // Behind the tail nothing can be asked for, and nothing is.
            start: Some(Start { position: Some(Position::Offset(offset.min(self.tail))) }),
            limit: 1,
            order: if forward { Order::Unspecified } else { Order::NewestFirst }.into(),
            ..TailRequest::default()
        };
        let jump = Fetching::Jump { found: None, what, forward, search: what == "match" };
        self.fetching = Some((session.fetch(request), jump));
    }

    /// Shows a record that matches what is shown.
    pub(super) fn land(&mut self, offset: u64, session: &mut impl Session) {
        self.follow = false;
        if self.window.get(offset).is_some() {
            return self.select(Some(offset));
        }
        let begin = Begin { goal: Some(Goal::Offset(offset)), ..Begin::default() };
        self.replace(self.spec.clone(), self.around(before::Position::Offset(offset)), begin, session);
    }

    pub(super) fn toggle_context(&mut self, session: &mut impl Session) {
        if self.window.remove_context() {
            return;
        }
        let Some(selected) = self.selected else { return };
        self.follow = false;
        session.context(ContextRequest {
            stream: self.spec.stream.clone(),
            position: Some(context_request::Position::Offset(selected)),
            before: CONTEXT,
            after: CONTEXT + 1,
            filter: None,
        });
    }

    /// Selects what is to be selected, and keeps it on the screen.
    pub(super) fn settle(&mut self) {
        if let Some(goal) = self.goal {
            let found = match goal {
                Goal::Offset(offset) => self.window.nearest(offset).filter(|key| *key >= offset),
                Goal::Time(time) => self.window.at_time(time),
                Goal::First => self.window.first(),
            };
            match found {
                Some(row) => {
                    self.goal = None;
                    self.select(Some(row));
                }
                None => self.select(self.window.last()),
            }
        }
        if self.follow {
            self.select(self.window.last());
        }
        let Some(selected) = self.selected.and_then(|key| self.window.nearest(key)).or(self.window.last())
        else {
            (self.selected, self.top) = (None, None);
            return;
        };
        self.selected = Some(selected);
        let page = self.page().max(1);
        let highest = self.window.above(selected, page - 1).unwrap_or(selected);
        let top = self.top.and_then(|top| self.window.nearest(top)).unwrap_or(highest);
        let mut top = top.clamp(highest, selected);
        // A screen is filled where there is enough to fill it.
        let below = self.window.count_below(top, page);
        if below + 1 < page {
            top =
                self.window.last().and_then(|last| self.window.above(last, page - 1)).unwrap_or(top).min(top);
        }
        self.top = Some(top);
    }

    /// Asks for what is missing around the screen, and stops what is not needed for now.
    pub(super) fn ensure(&mut self, session: &mut impl Session) {
        if self.pending.is_some() || self.reading.is_none() {
            return;
        }
        let below = self.selected.map_or(0, |selected| self.window.count_below(selected, AHEAD + 1));
        let near = below < AHEAD / 2;
        if self.cut
            && near
            && let Some(covered) = self.window.covered()
        {
            let number = session.read(self.spec.read(Position::Offset(covered.end)));
            let (spec, follow, goal) = (self.spec.clone(), self.follow, self.goal);
            let at_oldest = self.at_oldest;
            self.pending =
                Some(Pending { number, spec, extends: true, follow, goal, at_oldest, prompt: None });
            return;
        }
        let far = if self.pause_sent { !near } else { below > AHEAD };
        let pause = self.ended.is_none() && (self.paused || self.cut || far);
        if pause != self.pause_sent && self.ended.is_none() {
            self.pause_sent = pause;
            if pause { session.pause() } else { session.resume() }
        }
        self.ensure_older(session);
    }

    fn ensure_older(&mut self, session: &mut impl Session) {
        let (Some(top), Some(covered)) = (self.top, self.window.covered()) else { return };
        let above = self.window.count_above(top, MARGIN);
        let enough = above >= MARGIN || self.window.is_nearly_full() && above * 2 >= self.window.len();
        if self.at_oldest || self.fetching.is_some() || enough {
            return;
        }
        let request = TailRequest {
            start: Some(Start { position: Some(Position::Offset(covered.start)) }),
            order: Order::NewestFirst.into(),
            limit: OLDER,
            follow: false,
            loss_policy: 0,
            ..self.spec.read(Position::Oldest(Oldest {}))
        };
        self.fetching = Some((session.fetch(request), Fetching::Older));
    }
}
