//! What a filter needs of the stored terms of a page, so that most pages are refused before they are read.

use super::Filter;
use super::ast::{Expr, IdField, Test, TextField, TextTest};
use super::required;
use crate::terms::{Need, Needs, Open};

impl Filter {
    /// What a page must have of bodies and trace ids so that a record in it may match. It is worked out at the first call.
    #[must_use]
    pub fn needs(&self) -> &Needs {
        self.compiled.needs.get_or_init(|| self.compiled.expr.need().into())
    }
}

impl Expr {
    fn need(&self) -> Need {
        match self {
            Self::All(children) => Need::all(children.iter().map(Self::need)),
            Self::Any(children) => Need::any(children.iter().map(Self::need)),
            Self::Is(Test::Text(TextField::Body, test)) => test.need(),
            Self::Is(Test::Id(IdField::Trace, Some(id))) => {
                (**id).try_into().map_or(Need::NOTHING, Need::trace)
            }
            // Terms are of bodies and trace ids, and say nothing of what is not in a page.
            Self::Is(_) | Self::Not(_) => Need::NOTHING,
        }
    }
}

impl TextTest {
    fn need(&self) -> Need {
        match self {
            Self::Equals(text) => Need::text(text, Open::NEITHER),
            Self::Contains(needle) => Need::text(needle.text(), Open::BOTH),
            Self::Matches(pattern) => required::need_of(&pattern.syntax()),
            Self::Present => Need::NOTHING,
        }
    }
}
