//! Compiles `proto/` into `crates/spile-proto/src/generated/`, without protoc.
//!
//! The output is checked in so that building Spile needs no generator and a change of the contract shows in review.
//! A test in this crate fails when it is stale.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use prost::Message;

/// The contract's files, relative to `proto/`.
const PROTO_FILES: &[&str] = &[
    "example/log_service.proto",
    "spile/v1/record.proto",
    "spile/v1/read.proto",
    "spile/v1/write.proto",
];

/// Where generated code lives, relative to the workspace root.
pub const GENERATED_DIR: &str = "crates/spile-proto/src/generated";

/// Writes the generated files into the source tree.
pub fn run(root: &Path) -> Result<()> {
    let out = root.join(GENERATED_DIR);
    fs::create_dir_all(&out)?;
    for (name, contents) in generate(root)? {
        let path = out.join(name);
        if fs::read(&path).ok().as_deref() != Some(&contents) {
            fs::write(&path, contents).with_context(|| format!("write {}", path.display()))?;
            println!("wrote {}", path.display());
        }
    }
    Ok(())
}

/// The generated files by name, as they should be.
pub fn generate(root: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let descriptors = descriptor_set(root)?;
    let scratch = tempfile_dir()?;
    tonic_prost_build::configure()
        .build_client(true)
        .build_server(true)
        // The transport is the client crate's business; the stubs work over any tower service.
        .build_transport(false)
        .generate_default_stubs(true)
        .bytes(".spile.v1.UploadRequest.chunk")
        .client_mod_attribute(".", "#[cfg(feature = \"client\")]")
        .server_mod_attribute(".", "#[cfg(feature = \"server\")]")
        .emit_rerun_if_changed(false)
        .out_dir(&scratch)
        .compile_fds(descriptors.clone())
        .context("generate code from the descriptors")?;
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(&scratch)? {
        let path = entry?.path();
        let name = file_name(&path)?;
        files.insert(name, fs::read(&path)?);
    }
    files.insert("descriptors.binpb".into(), descriptors.encode_to_vec());
    fs::remove_dir_all(&scratch)?;
    Ok(files)
}

/// The contract as a descriptor set, comments included.
pub fn descriptor_set(root: &Path) -> Result<prost_types::FileDescriptorSet> {
    let include = root.join("proto");
    let files = PROTO_FILES.iter().map(|file| include.join(file));
    protox::compile(files, [&include]).context("compile proto/")
}

fn file_name(path: &Path) -> Result<String> {
    let name = path.file_name().and_then(|name| name.to_str());
    Ok(name.context("generated file has a name")?.to_owned())
}

fn tempfile_dir() -> Result<PathBuf> {
    let dir = std::env::temp_dir().join(format!("spile-codegen-{}", std::process::id()));
    fs::create_dir_all(&dir)?;
    Ok(dir)
}
