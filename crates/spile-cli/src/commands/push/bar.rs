//! Progress on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use spile_client::UploadProgress;

use super::source::Source;
use crate::escape::visible;
use crate::notes::Notes;

/// A bar for a file, something that turns for a source of unknown length, nothing at all without a terminal.
pub(super) struct Bar {
    bar: ProgressBar,
}

impl Bar {
    pub(super) fn new(notes: &Notes, source: &Source) -> Self {
        let length = source.path.as_deref().and_then(|path| {
            let metadata = std::fs::metadata(path).ok()?;
            metadata.is_file().then_some(metadata.len())
        });
        let target = if notes.draws() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(length, target);
        bar.set_style(style(length.is_some()));
        bar.set_prefix(visible(&source.name).into_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar }
    }

    /// What moves the bar. Another attempt starts again from the beginning.
    pub(super) fn progress(&self) -> impl Fn(UploadProgress) + Send + Sync + 'static {
        let bar = self.bar.clone();
        move |progress| {
            bar.set_position(progress.bytes);
            if progress.attempt > 0 {
                bar.set_message(format!("attempt {}", progress.attempt + 1));
            }
        }
    }

    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

fn style(known: bool) -> ProgressStyle {
    let template = if known {
        "{prefix} {wide_bar} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta} {msg}"
    } else {
        "{prefix} {spinner} {binary_bytes} {binary_bytes_per_sec} {msg}"
    };
    ProgressStyle::with_template(template).expect("the template is well-formed")
}
