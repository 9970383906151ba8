//! How much memory the forms take that readers have made of frames: counted for a ring as a whole.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// The bytes of all forms of the living frames of one ring.
pub(crate) type FormBytes = Arc<AtomicUsize>;

/// Counts one frame's forms, and takes them off when the frame goes.
#[derive(Debug, Default)]
pub(super) struct FormMeter {
    own: AtomicUsize,
    total: OnceLock<FormBytes>,
}

impl FormMeter {
    /// Counts a form that was made. Frames outside a ring, read from disk for one reader, count for nobody.
    pub(super) fn add(&self, bytes: usize) {
        if let Some(total) = self.total.get() {
            self.own.fetch_add(bytes, Ordering::Relaxed);
            total.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    pub(super) fn count_in(&self, total: &FormBytes) {
        // A frame enters one ring, once.
        let _ = self.total.set(Arc::clone(total));
    }
}

impl Drop for FormMeter {
    fn drop(&mut self) {
        if let Some(total) = self.total.get() {
            total.fetch_sub(*self.own.get_mut(), Ordering::Relaxed);
        }
    }
}
