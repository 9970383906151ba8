//! What the session tells, taken in.

use spile_client::proto::explore_response::{Accepted, Refusal};
use spile_client::{TailBatch, TailEvent};

use super::window::Record;
use super::*;
use crate::escape::visible;

impl Model {
    pub(super) fn told(&mut self, event: ExploreEvent, session: &mut impl Session) {
        if !matches!(event, ExploreEvent::Reconnecting { .. }) {
            self.link = Link::Up;
        }
        match event {
            ExploreEvent::Accepted { request, accepted } => self.accepted(request, &accepted),
            ExploreEvent::Tail { request, event } if self.reading == Some(request) => self.read_gave(event),
            ExploreEvent::Tail { request, event } => self.fetch_gave(request, event, session),
            ExploreEvent::Context { context, .. } => {
                for record in context.records.iter() {
                    self.window.insert_record(Record::new(&record, true));
                }
                context.gaps.into_iter().for_each(|gap| self.window.insert_gap(gap));
            }
            ExploreEvent::Refused { request, refusal } => self.refused(request, refusal),
            ExploreEvent::Reconnecting { cause, .. } => {
                self.link = Link::Down(visible(&cause.to_string()).into_owned());
            }
            _ => {}
        }
    }

    fn accepted(&mut self, request: u64, accepted: &Accepted) {
        (self.head, self.tail) = (accepted.head, self.tail.max(accepted.tail));
        let Some(pending) = self.pending.take_if(|pending| pending.number == request) else { return };
        let Pending { number, spec, extends, follow, goal, at_oldest, prompt: _ } = pending;
        self.reading = Some(number);
        (self.cut, self.pause_sent, self.caught_up, self.ended) = (false, false, false, None);
        if extends {
            return;
        }
        if self.spec.stream != spec.stream {
            self.tail = accepted.tail;
        }
        self.spec = spec;
        (self.follow, self.goal, self.at_oldest) = (follow, goal, at_oldest);
        self.window = Window::default();
        (self.selected, self.top, self.fetching) = (None, None, None);
    }

    fn read_gave(&mut self, event: TailEvent) {
        match event {
            TailEvent::Batch(batch) if !self.cut => self.append(&batch),
            TailEvent::Gap(gap) if !self.cut => {
                self.window.cover(gap.from..gap.to);
                self.window.insert_gap(gap);
            }
            TailEvent::Progress(progress) => {
                self.tail = self.tail.max(progress.tail);
                if let Some(covered) = self.window.covered().filter(|_| !self.cut) {
                    self.window.cover(covered.start..progress.next_offset.max(covered.end));
                }
            }
            TailEvent::CaughtUp(mark) => {
                self.tail = self.tail.max(mark.tail);
                self.caught_up = true;
                if self.goal.take().is_some() && self.selected.is_none() {
                    self.select(self.window.last());
                }
                if let Some(covered) = self.window.covered().filter(|_| !self.cut) {
                    self.window.cover(covered.start..mark.tail.max(covered.end));
                }
            }
            TailEvent::End(end) => {
                self.ended = Some(end.reason);
                self.goal = None;
            }
            _ => {}
        }
    }

    fn append(&mut self, batch: &TailBatch) {
        for record in batch.iter() {
            self.window.cover(record.offset..record.offset + 1);
            self.window.insert_record(Record::new(&record, false));
            self.tail = self.tail.max(record.offset + 1);
        }
        self.trim();
    }

    fn trim(&mut self) {
        let around = if self.follow { self.window.last() } else { self.selected };
        let Some(around) = around.or(self.window.first()) else { return };
        let trimmed = self.window.trim(around);
        self.cut |= trimmed.back;
        if trimmed.front {
            self.at_oldest = false;
            // What else it brings would not join what is left.
            self.fetching.take_if(|(_, fetching)| matches!(fetching, Fetching::Older));
        }
    }

    fn fetch_gave(&mut self, request: u64, event: TailEvent, session: &mut impl Session) {
        let Some((number, fetching)) = &mut self.fetching else { return };
        if *number != request {
            return;
        }
        match (fetching, event) {
            (Fetching::Older, TailEvent::Batch(batch)) => {
                for record in batch.iter() {
                    self.window.cover(record.offset..record.offset + 1);
                    self.window.insert_record(Record::new(&record, false));
                }
                self.trim();
            }
            (Fetching::Older, TailEvent::Gap(gap)) => {
                self.window.cover(gap.from..gap.to);
                self.window.insert_gap(gap);
            }
            (Fetching::Older, TailEvent::End(end)) => {
                self.fetching = None;
                self.at_oldest |= end.reason == EndReason::EndOfHistory;
            }
            (Fetching::Jump { found, .. }, TailEvent::Batch(batch)) => {
                *found = batch.iter().next().map(|record| record.offset);
            }
            (Fetching::Jump { found, what, forward, .. }, TailEvent::End(_)) => {
                let (found, what, forward) = (*found, *what, *forward);
                self.fetching = None;
                match found {
                    Some(offset) => self.land(offset, session),
                    None => self.say(format!("no {} {what}", if forward { "later" } else { "earlier" })),
                }
            }
            _ => {}
        }
    }

    fn refused(&mut self, request: u64, refusal: Refusal) {
        let Refusal { message, reason, field_violations, .. } = refusal;
        let problem = field_violations.into_iter().next().map_or(message, |violation| violation.description);
        let problem = visible(&problem).into_owned();
        if let Some(pending) = self.pending.take_if(|pending| pending.number == request) {
            self.missing = reason == NO_STREAM && self.reading.is_none();
            if self.missing {
                self.spec = pending.spec;
                return self.complain(format!("{problem}; waiting for its first record"));
            }
            return match pending.prompt {
                Some(prompt) => self.overlay = Overlay::Prompt(Prompt { problem: Some(problem), ..prompt }),
                None => self.complain(problem),
            };
        }
        if self.reading == Some(request) {
            self.reading = None;
            return self.complain(problem);
        }
        match self.fetching.take_if(|(number, _)| *number == request) {
            Some((_, Fetching::Jump { search: true, .. })) => {
                let prompt = Prompt::new(Purpose::Search, &self.search);
                self.overlay = Overlay::Prompt(Prompt { problem: Some(problem), ..prompt });
            }
            _ => self.complain(problem),
        }
    }
}
