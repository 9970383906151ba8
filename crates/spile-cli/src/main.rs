//! The Spile command line.

fn main() {}
