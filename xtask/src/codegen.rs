//! `cargo xtask codegen`: compiles `proto/` into `crates/spile-proto/src/generated/`, without protoc.
//!
//! The output is checked in so that building Spile needs no generator and a change of the contract shows in review.
//! A test proves that it is fresh; [`crate::contract`] guards what the wire promises.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use prost::Message;
use prost_types::FileDescriptorSet;

use crate::contract;

/// Where generated code lives, relative to the workspace root.
const GENERATED_DIR: &str = "crates/spile-proto/src/generated";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Take additions to the wire contract into proto/contract.txt
    #[arg(long)]
    accept_contract: bool,
}

/// Writes the generated files into the source tree, removes stale ones, and says how the contract changed.
pub(crate) fn run(root: &Path, args: &Args) -> Result<()> {
    let descriptors = descriptor_set(root)?;
    let out = root.join(GENERATED_DIR);
    fs::create_dir_all(&out)?;
    let fresh = generate(&descriptors)?;
    let present = read_dir(&out)?;
    for name in present.keys().filter(|name| !fresh.contains_key(*name)) {
        fs::remove_file(out.join(name)).with_context(|| format!("remove stale {name}"))?;
        println!("removed {GENERATED_DIR}/{name}");
    }
    for (name, contents) in &fresh {
        if present.get(name) != Some(contents) {
            fs::write(out.join(name), contents).with_context(|| format!("write {name}"))?;
            println!("wrote {GENERATED_DIR}/{name}");
        }
    }
    contract::update(root, &descriptors, args.accept_contract)
}

/// The contract as a descriptor set, comments included: every file below `proto/`.
pub(crate) fn descriptor_set(root: &Path) -> Result<FileDescriptorSet> {
    let include = root.join("proto");
    let mut files = Vec::new();
    collect_protos(&include, &mut files)?;
    files.sort();
    protox::compile(files, [&include]).context("compile proto/")
}

/// The generated files by name, as they should be.
fn generate(descriptors: &FileDescriptorSet) -> Result<BTreeMap<String, Vec<u8>>> {
    let out = tempfile::tempdir()?;
    tonic_prost_build::configure()
        .build_client(true)
        .build_server(true)
        // The transport is the client crate's business; the stubs work over any tower service.
        .build_transport(false)
        // A new RPC in a proto never breaks the build: it answers UNIMPLEMENTED until it is written.
        .generate_default_stubs(true)
        .bytes(".spile.v1.UploadRequest.chunk")
        .client_mod_attribute(".", "#[cfg(feature = \"client\")]")
        .server_mod_attribute(".", "#[cfg(feature = \"server\")]")
        .emit_rerun_if_changed(false)
        .out_dir(out.path())
        .compile_fds(descriptors.clone())
        .context("generate code from the descriptors")?;
    let mut files = read_dir(out.path())?;
    files.insert("descriptors.binpb".into(), descriptors.encode_to_vec());
    Ok(files)
}

fn collect_protos(dir: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| format!("read {}", dir.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            collect_protos(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    Ok(())
}

/// The files of a folder, by name.
fn read_dir(dir: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(dir).with_context(|| format!("read {}", dir.display()))? {
        let entry = entry?;
        let name = entry.file_name().into_string().ok().context("a file's name is not UTF-8")?;
        files.insert(name, fs::read(entry.path())?);
    }
    Ok(files)
}

#[cfg(test)]
mod tests;
