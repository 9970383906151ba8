//! Where work that blocks is run: on threads of the runtime, or where and when a simulation wants it.

/// A piece of work that blocks.
pub type Task = Box<dyn FnOnce() + Send>;

/// Takes work that blocks, and runs it soon.
///
/// Everything that the engine starts by itself goes through this: committing what was appended, and reading from disk for readers that wait.
pub trait Blocking: Send + Sync {
    /// Runs a task, now or later, here or elsewhere. Each task is run once; one that is dropped unrun fails those who wait for it.
    fn run(&self, task: Task);
}

/// The runtime's threads for work that blocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct RuntimeThreads;

impl Blocking for RuntimeThreads {
    /// # Panics
    /// Outside a tokio runtime.
    fn run(&self, task: Task) {
        tokio::task::spawn_blocking(task);
    }
}
