//! Puts a local store's folders in order after the end of a process: what is shown is made durable, what was not wholly written goes.

use std::io;
use std::path::Path;

use crate::disk::Disk;

/// Settles the folders of a stream, before its manifest is read. That the store lies elsewhere, and there are no such folders, is fine.
///
/// A store stages what is put beside its name; when the process ends meanwhile the copy stays, and the store neither lists nor removes it. And a
/// manifest that was given its name a moment before the end is shown, but may be gone after the next power loss: files that it no longer names must
/// not be removed for it before that is ruled out.
pub(crate) fn settle(disk: &dyn Disk, stream: &Path) -> io::Result<()> {
    for folder in ["segments", "manifest"] {
        let dir = stream.join(folder);
        let names = match disk.list(&dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            names => names?,
        };
        for name in names.iter().filter(|name| is_staged(name)) {
            let path = dir.join(name);
            tracing::info!(path = %path.display(), "removing what was not wholly written when the process ended");
            disk.remove(&path)?;
        }
        disk.sync_dir(&dir)?;
    }
    Ok(())
}

/// Whether a name is one that the store stages a copy under: `name#7`.
fn is_staged(name: &str) -> bool {
    let number = name.rsplit_once('#').map(|(_, number)| number);
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}
