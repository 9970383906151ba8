//! What a disk shows, what of it is durable, and what lies between.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// The unit in which unsynced bytes survive or not.
const SECTOR_BYTES: usize = 512;

/// Names a file's content, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NodeId(usize);

/// Files and names.
#[derive(Clone, Debug, Default)]
pub(super) struct Image {
    nodes: Vec<Node>,
    names: BTreeMap<PathBuf, NodeId>,
    durable_names: BTreeMap<PathBuf, NodeId>,
    renames: Vec<NameChange>,
    dirs: BTreeSet<PathBuf>,
}

/// A file's content.
#[derive(Clone, Debug, Default)]
struct Node {
    shown: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Truncate { len: usize },
}

/// A change of names that is not synced.
#[derive(Clone, Debug)]
struct NameChange {
    removed: Option<PathBuf>,
    added: Option<(PathBuf, NodeId)>,
    /// A directory, gone with everything in it.
    gone: Option<PathBuf>,
}

impl NameChange {
    fn apply(&self, names: &mut BTreeMap<PathBuf, NodeId>) {
        if let Some(path) = &self.removed {
            names.remove(path);
        }
        if let Some((path, node)) = &self.added {
            names.insert(path.clone(), *node);
        }
        if let Some(dir) = &self.gone {
            names.retain(|path, _| !path.starts_with(dir));
        }
    }

    fn is_in(&self, dir: &Path) -> bool {
        let added = self.added.as_ref().map(|(path, _)| path);
        added.or(self.removed.as_ref()).or(self.gone.as_ref()).and_then(|path| path.parent()) == Some(dir)
    }
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write { at, bytes } => put(content, *at, bytes),
            Self::Truncate { len } => content.resize(*len, 0),
        }
    }

    /// Applies what survives of the change.
    fn apply_some(&self, content: &mut Vec<u8>, chance: &mut Chance) {
        match self {
            Self::Truncate { len } => {
                if chance.heads() {
                    content.resize(*len, 0);
                }
            }
            Self::Write { at, bytes } => {
                if chance.heads() {
                    // The new length came first.
                    content.resize(content.len().max(at + bytes.len()), 0);
                }
                let mut from = 0;
                while from < bytes.len() {
                    let sector_end = ((at + from) / SECTOR_BYTES + 1) * SECTOR_BYTES - at;
                    let to = sector_end.min(bytes.len());
                    if chance.heads() {
                        put(content, at + from, &bytes[from..to]);
                    } else if chance.heads() {
                        let torn = from + chance.below(to - from);
                        put(content, at + from, &bytes[from..torn]);
                    }
                    from = to;
                }
            }
        }
    }
}

fn put(content: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = at + bytes.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[at..end].copy_from_slice(bytes);
}

impl Image {
    pub(super) fn find(&self, path: &Path) -> io::Result<NodeId> {
        self.names.get(path).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn bytes(&self, NodeId(node): NodeId) -> &[u8] {
        &self.nodes[node].shown
    }

    pub(super) fn used(&self) -> u64 {
        self.names.values().map(|&node| self.bytes(node).len() as u64).sum()
    }

    pub(super) fn paths(&self) -> Vec<PathBuf> {
        self.names.keys().cloned().collect()
    }

    pub(super) fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        if !self.dirs.contains(dir) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let inside = self.names.keys().chain(&self.dirs).filter(|path| path.parent() == Some(dir));
        Ok(inside.filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned())).collect())
    }

    pub(super) fn create_dir_all(&mut self, dir: &Path) -> io::Result<()> {
        if dir.ancestors().any(|path| self.names.contains_key(path)) {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        self.dirs.extend(dir.ancestors().map(Path::to_owned));
        Ok(())
    }

    pub(super) fn create(&mut self, path: &Path) -> io::Result<()> {
        if let Ok(node) = self.find(path) {
            self.truncate(node, 0);
            return Ok(());
        }
        if path.parent().is_none_or(|dir| !self.dirs.contains(dir)) {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.nodes.push(Node::default());
        let node = NodeId(self.nodes.len() - 1);
        self.change_names(NameChange { removed: None, added: Some((path.to_owned(), node)), gone: None });
        Ok(())
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let node = self.find(from)?;
        self.change_names(NameChange {
            removed: Some(from.to_owned()),
            added: Some((to.to_owned(), node)),
            gone: None,
        });
        Ok(())
    }

    pub(super) fn link(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let node = self.find(from)?;
        if self.names.contains_key(to) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.change_names(NameChange { removed: None, added: Some((to.to_owned(), node)), gone: None });
        Ok(())
    }

    pub(super) fn remove(&mut self, path: &Path) -> io::Result<()> {
        self.find(path)?;
        self.change_names(NameChange { removed: Some(path.to_owned()), added: None, gone: None });
        Ok(())
    }

    pub(super) fn remove_dir_all(&mut self, dir: &Path) -> io::Result<()> {
        let inside: Vec<_> = self.names.keys().filter(|path| path.starts_with(dir)).cloned().collect();
        inside.iter().try_for_each(|path| self.remove(path))?;
        self.change_names(NameChange { removed: None, added: None, gone: Some(dir.to_owned()) });
        self.dirs.retain(|known| !known.starts_with(dir));
        Ok(())
    }

    fn change_names(&mut self, change: NameChange) {
        change.apply(&mut self.names);
        self.renames.push(change);
    }

    pub(super) fn sync_dir(&mut self, dir: &Path) {
        let durable = &mut self.durable_names;
        self.renames.retain(|change| {
            let synced = change.is_in(dir);
            if synced {
                change.apply(durable);
            }
            !synced
        });
    }

    pub(super) fn write(&mut self, node: NodeId, bytes: &[u8], at: u64) {
        self.change(node, Change::Write { at: at as usize, bytes: bytes.to_vec() });
    }

    pub(super) fn truncate(&mut self, node: NodeId, len: u64) {
        self.change(node, Change::Truncate { len: len as usize });
    }

    fn change(&mut self, NodeId(node): NodeId, change: Change) {
        let node = &mut self.nodes[node];
        change.apply(&mut node.shown);
        node.unsynced.push(change);
    }

    pub(super) fn sync(&mut self, NodeId(node): NodeId) {
        let node = &mut self.nodes[node];
        for change in node.unsynced.drain(..) {
            change.apply(&mut node.durable);
        }
    }

    /// What a failed sync was to write is never written, but still shown.
    pub(super) fn lose_unsynced(&mut self, NodeId(node): NodeId) {
        self.nodes[node].unsynced.clear();
    }

    pub(super) fn put_durable(&mut self, path: &Path, bytes: &[u8]) {
        self.nodes.push(Node { shown: bytes.to_vec(), durable: bytes.to_vec(), unsynced: Vec::new() });
        let node = NodeId(self.nodes.len() - 1);
        self.names.insert(path.to_owned(), node);
        self.durable_names.insert(path.to_owned(), node);
    }

    pub(super) fn remove_durable(&mut self, path: &Path) {
        self.names.remove(path);
        self.durable_names.remove(path);
    }

    pub(super) fn after_power_loss(&self, seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let mut names = self.durable_names.clone();
        for change in &self.renames {
            if chance.heads() {
                change.apply(&mut names);
            }
        }
        // A directory whose removal did not survive is there again with what is in it.
        let holding = names.keys().flat_map(|path: &PathBuf| path.ancestors().skip(1));
        let dirs = self.dirs.iter().cloned().chain(holding.map(Path::to_owned)).collect();
        let survive = |node: &Node| {
            let mut content = node.durable.clone();
            for change in &node.unsynced {
                change.apply_some(&mut content, &mut chance);
            }
            Node { shown: content.clone(), durable: content, unsynced: Vec::new() }
        };
        Self {
            nodes: self.nodes.iter().map(survive).collect(),
            durable_names: names.clone(),
            names,
            renames: Vec::new(),
            dirs,
        }
    }
}

/// Decides what survives: nothing, everything, or what a seeded generator says.
#[derive(Debug)]
enum Chance {
    Never,
    Always,
    Seeded(u64),
}

impl Chance {
    fn new(seed: u64) -> Self {
        match seed {
            0 => Self::Never,
            1 => Self::Always,
            seed => Self::Seeded(seed),
        }
    }

    fn heads(&mut self) -> bool {
        match self {
            Self::Never => false,
            Self::Always => true,
            Self::Seeded(_) => self.next() & 1 == 1,
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    /// SplitMix64: <https://prng.di.unimi.it/splitmix64.c>.
    fn next(&mut self) -> u64 {
        let Self::Seeded(state) = self else { return 0 };
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = *state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }
}
