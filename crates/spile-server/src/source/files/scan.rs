//! One look at the disk: which files match now. The truth about what there is; hints only make it come sooner.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::hints::Watches;
use super::key::FileKey;
use super::pattern::Pattern;

/// How many paths one look goes through at most: links may lead in circles.
const MAX_PATHS: usize = 200_000;

/// How many complaints are remembered, so that each is made once.
const MAX_COMPLAINTS: usize = 10_000;

/// A file that matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) key: FileKey,
    pub(super) path: PathBuf,
    /// Where the path leads, if it is a link.
    pub(super) target: Option<PathBuf>,
    pub(super) state: FileState,
}

/// By what a file is seen to have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileState {
    pub(super) bytes: u64,
    pub(super) modified_unix_nano: i128,
}

impl FileState {
    pub(super) fn of(metadata: &Metadata) -> Self {
        let modified_unix_nano =
            i128::from(metadata.mtime()) * 1_000_000_000 + i128::from(metadata.mtime_nsec());
        Self { bytes: metadata.len(), modified_unix_nano }
    }
}

/// Looks.
#[derive(Debug)]
pub(super) struct Scanner {
    patterns: Vec<Pattern>,
    /// Where the server's own files are, which are never followed; without links.
    data_dir: PathBuf,
    watches: Watches,
    complaints: HashSet<(String, &'static str)>,
}

impl Scanner {
    pub(super) fn new(patterns: Vec<Pattern>, data_dir: &Path, watches: Watches) -> Self {
        let data_dir = fs::canonicalize(data_dir).unwrap_or_else(|_| data_dir.to_path_buf());
        Self { patterns, data_dir, watches, complaints: HashSet::new() }
    }

    /// All files that match, in the order of the patterns and then of their paths; one that has several names comes several times.
    /// Blocks on the disk.
    pub(super) fn scan(&mut self) -> Vec<Seen> {
        let mut seen = Vec::new();
        let mut folders = HashSet::new();
        for pattern in self.patterns.clone() {
            folders.extend(pattern.folders());
            self.scan_pattern(&pattern, &mut seen, &mut folders);
        }
        self.watches.watch(folders);
        seen
    }

    fn scan_pattern(&mut self, pattern: &Pattern, seen: &mut Vec<Seen>, folders: &mut HashSet<PathBuf>) {
        let before = seen.len();
        let mut matched_folder = false;
        for (count, found) in pattern.matches().enumerate() {
            if count == MAX_PATHS {
                self.complain(
                    pattern.as_str(),
                    "a pattern matches too many paths; the rest is not looked at",
                    None,
                );
                break;
            }
            let path = match found {
                Ok(path) => path,
                Err(error) => {
                    self.complain_of(error.path(), "a folder cannot be looked into", Some(error.error()));
                    continue;
                }
            };
            match self.look(&path) {
                Look::File(file) => {
                    let paths = [&file.path].into_iter().chain(&file.target);
                    folders.extend(paths.filter_map(|path| Some(path.parent()?.to_path_buf())));
                    seen.push(file);
                }
                Look::Folder => matched_folder = true,
                Look::Other => {}
            }
        }
        if matched_folder && seen.len() == before {
            let message = "a pattern matches a folder and no file; for the files in a folder, add /*";
            self.complain(pattern.as_str(), message, None);
        }
    }

    fn look(&mut self, path: &Path) -> Look {
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) => {
                // A link to nothing, or a file that has just gone, is found again by the next look.
                if error.kind() != std::io::ErrorKind::NotFound {
                    self.complain_of(path, "a path cannot be looked at", Some(&error));
                }
                return Look::Other;
            }
        };
        if metadata.is_dir() {
            return Look::Folder;
        }
        if !metadata.is_file() {
            self.complain_of(path, "not followed: not a regular file", None);
            return Look::Other;
        }
        let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
        let target = is_link.then(|| fs::canonicalize(path).ok()).flatten();
        if target.as_deref().unwrap_or(path).starts_with(&self.data_dir) {
            self.complain_of(path, "not followed: it is in the server's data folder", None);
            return Look::Other;
        }
        let (key, state) = (FileKey::of(&metadata), FileState::of(&metadata));
        Look::File(Seen { key, path: path.to_path_buf(), target, state })
    }

    fn complain_of(&mut self, path: &Path, message: &'static str, error: Option<&std::io::Error>) {
        self.complain(&path.to_string_lossy(), message, error);
    }

    /// Says what is wrong, once for each path or pattern.
    fn complain(&mut self, path: &str, message: &'static str, error: Option<&std::io::Error>) {
        let complaint = (path.to_owned(), message);
        if self.complaints.len() < MAX_COMPLAINTS && self.complaints.insert(complaint) {
            tracing::warn!(path, error = error.map(tracing::field::display), "{message}");
        }
    }
}

/// What is at a path.
enum Look {
    File(Seen),
    Folder,
    Other,
}
