//! spile-engine
