//! The log files that clients read back: the real ones in `SPILE_REAL_LOGS`, or generated ones where there are none.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// Names a folder of real log files.
const REAL_LOGS: &str = "SPILE_REAL_LOGS";

const GENERATED_FILES: usize = 4;
const GENERATED_LINES: usize = 5_000;

/// Log files, and how many lines they have in all.
pub(crate) struct Corpus {
    files: Vec<PathBuf>,
    lines: usize,
    _generated: Option<TempDir>,
}

impl Corpus {
    /// The real files where they are given, else generated ones.
    pub(crate) fn find() -> Result<Self> {
        let (files, generated) = match env::var_os(REAL_LOGS) {
            Some(dir) => (log_files(Path::new(&dir))?, None),
            None => {
                let dir = tempfile::tempdir()?;
                (generate(dir.path())?, Some(dir))
            }
        };
        let mut lines = 0;
        for file in &files {
            lines += count_lines(&fs::read(file).with_context(|| format!("read {}", file.display()))?);
        }
        Ok(Self { files, lines, _generated: generated })
    }

    /// In the order in which they are pushed.
    pub(crate) fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Lines in all files; a last line needs no newline.
    pub(crate) fn lines(&self) -> usize {
        self.lines
    }
}

fn count_lines(text: &[u8]) -> usize {
    let newlines = text.iter().filter(|byte| **byte == b'\n').count();
    newlines + usize::from(text.last().is_some_and(|last| *last != b'\n'))
}

/// The `*.log` files of a folder, by name.
fn log_files(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).with_context(|| format!("read {REAL_LOGS}={}", dir.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
    files.sort();
    ensure!(!files.is_empty(), "{REAL_LOGS}={} has no *.log file", dir.display());
    files.iter().map(|file| file.canonicalize().with_context(|| format!("find {}", file.display()))).collect()
}

/// Writes files whose lines differ, of all severities.
fn generate(dir: &Path) -> Result<Vec<PathBuf>> {
    const LEVELS: [&str; 8] = ["DEBUG", "INFO", "INFO", "INFO", "INFO", "WARN", "ERROR", "FATAL"];
    let mut files = Vec::new();
    for file in 0..GENERATED_FILES {
        let mut text = String::new();
        for line in 0..GENERATED_LINES {
            let (level, minute, second, milli) =
                (LEVELS[line % 8], line / 60_000 % 60, line / 1_000 % 60, line % 1_000);
            writeln!(
                text,
                "2026-03-14 15:{minute:02}:{second:02},{milli:03} {level} [worker-{file}] example.Service: request {line} was served"
            )?;
        }
        let path = dir.join(format!("generated-{file}.log"));
        fs::write(&path, text)?;
        files.push(path);
    }
    Ok(files)
}

#[cfg(test)]
mod tests;
