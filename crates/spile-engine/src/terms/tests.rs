//! That no page with a match is ever refused, and that most others are.

#![allow(clippy::unwrap_used)]

mod bits;
mod hostile;
mod map;
mod selectivity;
mod soundness;

use bytes::Bytes;

use super::{PageSet, Terms, TermsBuilder};
use crate::filter::Filter;

/// The terms of pages of bodies without trace ids.
fn terms_of(pages: &[&[&str]]) -> Terms {
    let mut builder = TermsBuilder::default();
    for (page, bodies) in pages.iter().enumerate() {
        bodies.iter().for_each(|body| builder.add(page, body.as_bytes(), &[]));
    }
    Terms::read(builder.finish(pages.len()).into(), pages.len()).unwrap()
}

fn pages(terms: &Terms, expression: &str) -> PageSet {
    terms.pages(Filter::parse(expression).unwrap_or_else(|error| panic!("{error}")).needs())
}

fn read(bytes: Vec<u8>, pages: usize) -> Terms {
    Terms::read(Bytes::from(bytes), pages).unwrap()
}
