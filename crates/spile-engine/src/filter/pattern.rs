//! Regexes from outside: compiled within limits, with the text that every match must contain.

use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};
use regex_syntax::{Error as SyntaxError, ParserBuilder};

/// The most bytes of one compiled regex: 1 MiB.
pub const MAX_REGEX_BYTES: usize = 1024 * 1024;

/// The most that all regexes of a filter may weigh together. A class weighs 1, or 3 if it has more than ASCII (as `.`, `\d` and
/// `\w` have); a character weighs 1 where it is repeated; both count as often as they are repeated, optional ones twice.
///
/// The weight bounds the work for each byte of a record, because at worst every place in a regex is a state of its own to be
/// kept up with. (Characters that are not repeated weigh nothing: searching for them takes no more states than there are.)
pub const MAX_REGEX_WEIGHT: u64 = 600;

/// How deep groups may nest in a regex.
const MAX_REGEX_NESTING: u32 = 64;

/// Memory that a regex may use to remember states, for each thread that runs it at the same time.
const STATE_BYTES: usize = 1024 * 1024;

/// A regex, searched anywhere in a text. Case-sensitive and Unicode-aware unless it says otherwise.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    source: Box<str>,
    regex: Regex,
    weight: u64,
    required: Option<Box<[u8]>>,
}

/// Why a regex was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PatternError {
    pub(super) message: String,
    /// Which bytes of it are wrong, where that is known.
    pub(super) span: Option<Range<usize>>,
}

impl Pattern {
    pub(super) fn new(source: &str) -> Result<Self, PatternError> {
        let hir = parse(source)?;
        let weight = weight(&hir, false);
        if weight > MAX_REGEX_WEIGHT {
            return Err(PatternError::too_heavy());
        }
        let regex = RegexBuilder::new(source)
            .size_limit(MAX_REGEX_BYTES)
            .dfa_size_limit(STATE_BYTES)
            .build()
            .map_err(|_| PatternError::too_large())?;
        let required = required(&hir).map(Into::into);
        Ok(Self { source: source.into(), regex, weight, required })
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// What it consists of.
    pub(super) fn syntax(&self) -> Hir {
        parse(&self.source).expect("it was read before it was compiled")
    }

    /// What counts towards [`MAX_REGEX_WEIGHT`].
    pub(super) fn weight(&self) -> u64 {
        self.weight
    }

    /// Bytes that every match contains.
    pub(super) fn required(&self) -> Option<&[u8]> {
        self.required.as_deref()
    }

    pub(super) fn is_in(&self, text: &[u8]) -> bool {
        self.regex.is_match(text)
    }
}

impl PatternError {
    pub(super) fn too_heavy() -> Self {
        let message =
            "the regexes repeat too much; repeat less, or use ASCII classes: [0-9] for \\d, [ -~] for .";
        Self { message: message.into(), span: None }
    }

    fn too_large() -> Self {
        let message = "the regex is too large; repeat less, or use ASCII classes: (?-u:\\w) for \\w";
        Self { message: message.into(), span: None }
    }

    fn of_syntax(error: &SyntaxError) -> Self {
        let (kind, span) = match error {
            SyntaxError::Parse(error) => (error.kind().to_string(), Some(error.span())),
            SyntaxError::Translate(error) => (error.kind().to_string(), Some(error.span())),
            other => (other.to_string(), None),
        };
        let span = span.map(|span| span.start.offset..span.end.offset);
        Self { message: format!("invalid regex: {kind}"), span }
    }
}

fn parse(source: &str) -> Result<Hir, PatternError> {
    let mut parser = ParserBuilder::new().nest_limit(MAX_REGEX_NESTING).build();
    parser.parse(source).map_err(|error| PatternError::of_syntax(&error))
}

/// Weighs a part of a regex, see [`MAX_REGEX_WEIGHT`].
fn weight(hir: &Hir, repeated: bool) -> u64 {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) if repeated => literal.0.len() as u64,
        HirKind::Literal(_) => 0,
        HirKind::Class(class) => {
            if class.maximum_len() == Some(1) {
                1
            } else {
                3
            }
        }
        HirKind::Capture(capture) => weight(&capture.sub, repeated),
        HirKind::Repetition(repetition) => {
            let max = repetition.max.unwrap_or(repetition.min.max(1));
            let optional = repetition.max.map_or(0, |max| max - repetition.min);
            weight(&repetition.sub, true).saturating_mul(u64::from(max) + u64::from(optional))
        }
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(|part| weight(part, repeated)).fold(0, u64::saturating_add)
        }
    }
}

/// The longest literal that lies on every way through the regex.
fn required(hir: &Hir) -> Option<&[u8]> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(&literal.0),
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Concat(parts) => parts.iter().filter_map(required).max_by_key(|literal| literal.len()),
        _ => None,
    }
}
