//! The Spile server, as a library.
