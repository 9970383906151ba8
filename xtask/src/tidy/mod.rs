//! Checks of the source's structure, as tests: what no compiler and no lint sees.

mod dependencies;
mod documents;
mod purity;
mod shape;
mod source;
mod words;
