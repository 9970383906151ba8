//! A little room that is given up when the disk is full: removing what is old needs a new manifest first.

use std::io;
use std::path::PathBuf;

use super::Engine;
use crate::limits::Retention;
use crate::stream::Stream;

/// The file that takes the room.
const RESERVE: &str = "RESERVE";

/// Its size: 1 MiB. A manifest has some hundred bytes for each segment.
const RESERVE_BYTES: usize = 1 << 20;

impl Engine {
    /// Removes from every stream what retention no longer keeps. Blocks on the disk.
    pub fn retain(&self, retention: &Retention, now_unix_nano: u64) {
        for stream in self.streams(None, usize::MAX) {
            if let Err(error) = self.retain_stream(&stream, retention, now_unix_nano) {
                tracing::error!(stream = stream.name(), %error, "retention failed; it is tried again later");
            }
        }
        if let Err(error) = self.keep_reserve() {
            tracing::debug!(%error, "there is no room for the reserve");
        }
    }

    fn retain_stream(&self, stream: &Stream, retention: &Retention, now_unix_nano: u64) -> io::Result<()> {
        let first = stream.retain(retention, now_unix_nano).map(drop);
        match first {
            Err(error) if self.give_up_reserve() => {
                tracing::warn!(stream = stream.name(), %error, "retention failed; trying again with the reserve given up");
                stream.retain(retention, now_unix_nano).map(drop)
            }
            other => other,
        }
    }

    /// Takes the room again, once there is some.
    fn keep_reserve(&self) -> io::Result<()> {
        let (disk, path) = (&*self.0.options.disk, self.reserve());
        let is_there =
            disk.open(&path).and_then(|file| file.len()).is_ok_and(|bytes| bytes == RESERVE_BYTES as u64);
        if is_there {
            return Ok(());
        }
        let file = disk.create(&path)?;
        let taken = file.write_all_at(&vec![0; RESERVE_BYTES], 0).and_then(|()| file.sync_data());
        if taken.is_err() {
            self.give_up_reserve();
        }
        taken
    }

    fn give_up_reserve(&self) -> bool {
        self.0.options.disk.remove(&self.reserve()).is_ok()
    }

    fn reserve(&self) -> PathBuf {
        self.0.options.data_dir.join(RESERVE)
    }
}
