//! The Spile server.

fn main() {}
