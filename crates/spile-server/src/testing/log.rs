//! What is logged, for tests to look at.
//!
//! There is one subscriber for the whole process: with one for each test, `tracing` could remember of a log line that nobody
//! wants it, because it was first reached on another thread while a test's subscriber was being installed.

use std::cell::RefCell;
use std::io;
use std::sync::{Arc, LazyLock, Mutex};

use serde_json::Value;
use tracing_subscriber::fmt::MakeWriter;

thread_local! {
    /// Where this thread's lines go. A test's server runs on the test's thread.
    static CURRENT: RefCell<Option<Log>> = const { RefCell::new(None) };
}

static SUBSCRIBER: LazyLock<()> = LazyLock::new(|| {
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter("spile_server=debug")
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(Routed)
        .finish();
    tracing::subscriber::set_global_default(subscriber).expect("nothing else logs in these tests");
});

/// The lines that are logged on this thread until the test ends.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Makes sure that log lines are wanted, before the first of them is reached.
    pub(super) fn install() {
        LazyLock::force(&SUBSCRIBER);
    }

    /// Starts to collect. Each test has a thread of its own, so that nothing has to be undone.
    pub(crate) fn start() -> Self {
        Self::install();
        let log = Self::default();
        CURRENT.set(Some(log.clone()));
        log
    }

    /// The lines that have this message.
    pub(crate) fn lines(&self, message: &str) -> Vec<Value> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["message"] == message).collect()
    }
}

/// Writes to the log of the thread that logs, if it has one.
struct Routed;

impl<'a> MakeWriter<'a> for Routed {
    type Writer = Box<dyn io::Write>;

    fn make_writer(&'a self) -> Self::Writer {
        CURRENT.with_borrow(|current| match current {
            Some(log) => Box::new(log.clone()) as Self::Writer,
            None => Box::new(io::sink()),
        })
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
