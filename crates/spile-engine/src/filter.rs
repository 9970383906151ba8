//! Filters: which records a reader wants.
//!
//! There is one implementation for every place where records lie: it looks at a record through [`RecordView`], and refuses
//! a frame by its summary, or by one search over its bytes, where that can be done. A filter is compiled once and shared.
//! The text form of filters is described in `docs/filter.md`.
//!
//! In reading order: `lexer`, `parse`, `field` and `condition` read the text; `ast` is what they make, in canonical form,
//! and `canonical` writes it back; `severity`, `time`, `value`, `needle` and `pattern` are what conditions are about;
//! `eval` asks a record, `select` a frame, with the help of `sweep`, `narrow` a column of bodies; both `search` for texts. `prune`
//! says what the stored terms of a page must have, with the help of `required`.

mod ast;
mod canonical;
mod condition;
mod error;
mod eval;
mod field;
pub mod level;
mod lexer;
mod narrow;
mod needle;
mod parse;
mod pattern;
mod prune;
mod required;
mod search;
mod select;
mod severity;
mod sweep;
#[cfg(test)]
mod tests;
mod time;
mod value;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use xxhash_rust::xxh3::xxh3_64;

pub use error::FilterError;
pub use narrow::BodySearch;
pub use parse::{MAX_EXPRESSION_BYTES, MAX_NESTING, MAX_REGEXES, MAX_TERMS};
pub use pattern::{MAX_REGEX_BYTES, MAX_REGEX_WEIGHT};

use crate::frame::{Frame, Summary};
use crate::record::{MAX_SEVERITY, RecordView};
use crate::resource::ResourceDef;
use crate::terms::Needs;
use ast::Expr;
use select::Plan;
use severity::SeveritySet;
use time::TimeRange;

/// Bytes of records times weight of regexes that are looked at in one step; at worst about 25 ns each.
const STEP_WORK: u64 = 2_000_000;

/// The fewest bytes of records in one step.
const MIN_STEP_BYTES: u64 = 4 * 1024;

/// A condition on records, compiled. Cheap to clone.
///
/// Filters are equal when their canonical texts are: then they match the same records. (Filters that match the same
/// records may still differ.)
#[derive(Clone)]
pub struct Filter {
    compiled: Arc<Compiled>,
}

struct Compiled {
    expr: Expr,
    plan: Plan,
    canonical: String,
    fingerprint: u64,
    /// Made when they are asked for: only what reads segments does.
    needs: OnceLock<Needs>,
    narrow: OnceLock<Option<BodySearch>>,
}

impl Filter {
    /// The filter that every record matches.
    #[must_use]
    pub fn all() -> Self {
        Self::new(Expr::TRUE)
    }

    /// Reads a filter from its text form. The empty text matches every record.
    ///
    /// # Errors
    /// If the text is not an expression, or is beyond [`MAX_EXPRESSION_BYTES`], [`MAX_NESTING`], [`MAX_TERMS`],
    /// [`MAX_REGEXES`] or the limits of regexes.
    pub fn parse(expression: &str) -> Result<Self, FilterError> {
        parse::parse(expression).map(Self::new)
    }

    /// Both this filter and a severity of at least `min_severity`; 0 changes nothing, beyond 24 nothing matches.
    #[must_use]
    pub fn and_level(&self, min_severity: u8) -> Self {
        self.and_expr(Expr::severity(SeveritySet::range(min_severity, MAX_SEVERITY)))
    }

    /// Both this filter and a record time at or after `since` and before `until`, Unix nanoseconds.
    #[must_use]
    pub fn and_time(&self, since_unix_nano: Option<u64>, until_unix_nano: Option<u64>) -> Self {
        self.and_expr(Expr::time(TimeRange::between(since_unix_nano, until_unix_nano)))
    }

    /// Both this filter and another.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        self.and_expr(other.compiled.expr.clone())
    }

    /// Whether a record matches.
    #[must_use]
    pub fn matches(&self, record: &impl RecordView) -> bool {
        self.compiled.expr.holds(record)
    }

    /// Whether some record with this summary could match: `false` refuses all of them at once.
    #[must_use]
    pub fn may_match(&self, summary: &Summary) -> bool {
        self.compiled.expr.may_hold(summary)
    }

    /// Appends the indexes of the matching records among a run of a frame's records, ascending. They are those that
    /// [`Filter::matches`] picks, found faster.
    ///
    /// # Panics
    /// If the frame does not have all records of the run.
    pub fn select(&self, frame: &Frame, run: Range<usize>, out: &mut Vec<u32>) {
        assert!(run.end <= frame.len(), "a run of records lies in its frame");
        if !run.is_empty() && self.may_match(frame.summary()) {
            self.compiled.plan.select(frame, run, out);
        }
    }

    /// How many bytes of records may be looked at in one go so that it takes at worst about 50 ms, whatever is in them (a single
    /// record may be larger). Most filters have no need for small steps: then it is more than a frame.
    #[must_use]
    pub fn step_bytes(&self) -> usize {
        let step = STEP_WORK / self.compiled.expr.regex_weight().max(1);
        step.max(MIN_STEP_BYTES) as usize
    }

    /// Whether it is known to match every record.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.compiled.expr.is_true()
    }

    /// A record before this time does not match, Unix nanoseconds; 0 without a bound.
    #[must_use]
    pub fn min_time_unix_nano(&self) -> u64 {
        self.compiled.expr.times().first
    }

    /// A record after this time does not match, Unix nanoseconds; `u64::MAX` without a bound.
    #[must_use]
    pub fn max_time_unix_nano(&self) -> u64 {
        self.compiled.expr.times().last
    }

    /// Bit `n` is set when records of severity number `n` may match; all others do not.
    #[must_use]
    pub fn severity_bits(&self) -> u32 {
        self.compiled.expr.severities().bits()
    }

    /// Whether records of a resource (`None`: without one) may match, by the conditions that ask for nothing else.
    #[must_use]
    pub fn resource_matches(&self, resource: Option<&ResourceDef>) -> bool {
        self.compiled.plan.passes(resource)
    }

    /// Whether severity and time alone decide: then a record matches when its severity is one of [`Filter::severity_bits`] and its
    /// time lies within the bounds.
    #[must_use]
    pub fn reads_only_severity_and_time(&self) -> bool {
        self.compiled.plan.reads_only_severity_and_time()
    }

    /// Whether severity, time and resource alone decide, each for itself: then a record matches when its severity is one of
    /// [`Filter::severity_bits`], its time lies within the bounds, and [`Filter::resource_matches`].
    #[must_use]
    pub fn reads_index_only(&self) -> bool {
        self.compiled.plan.reads_index_only()
    }

    /// The filter as text, which reads back as an equal filter (if it is not beyond the limits of an expression).
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.compiled.canonical
    }

    /// A hash of the canonical text, the same in every process.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.compiled.fingerprint
    }

    fn and_expr(&self, other: Expr) -> Self {
        if other.is_true() {
            return self.clone();
        }
        Self::new(Expr::all(vec![self.compiled.expr.clone(), other]))
    }

    fn new(expr: Expr) -> Self {
        let canonical = expr.to_string();
        let fingerprint = xxh3_64(canonical.as_bytes());
        let compiled = Compiled {
            plan: Plan::new(&expr),
            expr,
            canonical,
            fingerprint,
            needs: OnceLock::new(),
            narrow: OnceLock::new(),
        };
        Self { compiled: Arc::new(compiled) }
    }
}

impl Default for Filter {
    fn default() -> Self {
        Self::all()
    }
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(expression: &str) -> Result<Self, FilterError> {
        Self::parse(expression)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.canonical())
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Filter").field(&self.canonical()).finish()
    }
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.compiled, &other.compiled)
            || (self.fingerprint() == other.fingerprint() && self.canonical() == other.canonical())
    }
}

impl Eq for Filter {}

impl Hash for Filter {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.fingerprint());
    }
}
