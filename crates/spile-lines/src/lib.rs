//! spile-lines
