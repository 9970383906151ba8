//! An object store on a disk that fails on purpose.
//!
//! It takes the steps that `LocalFileSystem` takes with its syncs switched on, one for one: a put is staged beside its name as `name#1`, synced,
//! linked to its name if that is free, the directory is synced, and the staged name removed without a sync; removals are not synced. So what
//! befalls the disk befalls segments and manifests as it would on a real one.

#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

use super::{Disk, FaultyDisk};
use crate::disk::{DiskFile, read_up_to};

/// The disk's folder `root` as an object store.
#[derive(Clone, Debug)]
pub(crate) struct FaultyStore {
    disk: FaultyDisk,
    root: PathBuf,
}

impl FaultyStore {
    pub(crate) fn new(disk: FaultyDisk, root: impl Into<PathBuf>) -> Self {
        Self { disk, root: root.into() }
    }

    fn path(&self, location: &Path) -> PathBuf {
        self.root.join(location.as_ref())
    }

    /// Writes and syncs the bytes under a name that nobody lists.
    fn stage(&self, path: &std::path::Path, payload: &PutPayload) -> (PathBuf, io::Result<()>) {
        let dir = path.parent().expect("an object lies in a folder");
        let (mut name, mut attempt) = (staged(path, 1), 1);
        while self.disk.open(&name).is_ok() {
            attempt += 1;
            name = staged(path, attempt);
        }
        let write = || {
            self.disk.create_dir_all(dir)?;
            let file = self.disk.create(&name)?;
            let mut at = 0;
            for bytes in payload {
                file.write_all_at(bytes, at)?;
                at += bytes.len() as u64;
            }
            file.sync_data()
        };
        let written = write();
        (name, written)
    }

    fn put(&self, location: &Path, payload: &PutPayload, mode: &PutMode) -> Result<()> {
        let path = self.path(location);
        let (staged, written) = self.stage(&path, payload);
        let publish = || {
            written?;
            match mode {
                PutMode::Create => self.disk.link(&staged, &path)?,
                _ => self.disk.rename(&staged, &path)?,
            }
            self.disk.sync_dir(path.parent().expect("an object lies in a folder"))
        };
        let published = publish();
        if published.is_err() || *mode == PutMode::Create {
            // If it stays behind it is in nobody's way.
            let _ = self.disk.remove(&staged);
        }
        published.map_err(|error| failed(location, error))
    }

    fn get(&self, location: &Path) -> Result<(Arc<dyn DiskFile>, u64)> {
        let open = || {
            let file = self.disk.open(&self.path(location))?;
            let length = file.len()?;
            Ok((file, length))
        };
        open().map_err(|error| failed(location, error))
    }

    fn list_now(&self, prefix: &Path) -> io::Result<Vec<Result<ObjectMeta>>> {
        let names = match self.disk.list(&self.path(prefix)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            names => names?,
        };
        let shown = names.iter().filter(|name| !is_staged(name));
        let met = shown.map(|name| {
            let location = prefix.clone().join(name.as_str());
            let (_, size) = self.get(&location)?;
            Ok(meta(location, size))
        });
        Ok(met.collect())
    }
}

fn staged(path: &std::path::Path, attempt: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!("#{attempt}"));
    name.into()
}

fn is_staged(name: &str) -> bool {
    name.rsplit_once('#').is_some_and(|(_, digits)| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn meta(location: Path, size: u64) -> ObjectMeta {
    ObjectMeta { location, last_modified: Default::default(), size, e_tag: None, version: None }
}

fn failed(location: &Path, error: io::Error) -> Error {
    let path = location.to_string();
    match error.kind() {
        io::ErrorKind::NotFound => Error::NotFound { path, source: error.into() },
        io::ErrorKind::AlreadyExists => Error::AlreadyExists { path, source: error.into() },
        _ => Error::Generic { store: "faulty", source: error.into() },
    }
}

fn unused(operation: &str) -> Error {
    Error::NotImplemented { operation: operation.to_owned(), implementer: "FaultyStore".to_owned() }
}

impl fmt::Display for FaultyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FaultyStore({})", self.root.display())
    }
}

#[async_trait]
impl ObjectStore for FaultyStore {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.put(location, &payload, &options.mode)?;
        Ok(PutResult { e_tag: None, version: None, extensions: Default::default() })
    }

    async fn put_multipart_opts(&self, _: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        Err(unused("put_multipart_opts"))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let (file, size) = self.get(location)?;
        let range = match &options.range {
            Some(range) => {
                let invalid = |error| Error::Generic { store: "faulty", source: Box::new(error) };
                range.as_range(size).map_err(invalid)?
            }
            None => 0..size,
        };
        let bytes = read_up_to(&*file, range.start, (range.end - range.start) as usize);
        let bytes = bytes.map(Bytes::from).map_err(|error| failed(location, error));
        Ok(GetResult {
            payload: GetResultPayload::Stream(stream::iter([bytes]).boxed()),
            meta: meta(location.clone(), size),
            range,
            attributes: Default::default(),
            extensions: Default::default(),
        })
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        let delete = move |location: Result<Path>| {
            let location = location?;
            store.disk.remove(&store.path(&location)).map_err(|error| failed(&location, error))?;
            Ok(location)
        };
        locations.map(delete).boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let prefix = prefix.cloned().unwrap_or_default();
        let listed = self.list_now(&prefix).unwrap_or_else(|error| vec![Err(failed(&prefix, error))]);
        stream::iter(listed).boxed()
    }

    async fn list_with_delimiter(&self, _: Option<&Path>) -> Result<ListResult> {
        Err(unused("list_with_delimiter"))
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        Err(unused("copy_opts"))
    }
}
