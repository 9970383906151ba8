//! spile-client
