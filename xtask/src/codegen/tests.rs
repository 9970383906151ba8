//! The checked-in code is what `proto/` says.

use super::*;
use crate::workspace;

#[test]
fn generated_code_is_fresh() {
    let root = workspace::root();
    let fresh = generate(&descriptor_set(&root).unwrap()).unwrap();
    let present = read_dir(&root.join(GENERATED_DIR)).unwrap();
    let names = fresh.keys().chain(present.keys().filter(|name| !fresh.contains_key(*name)));
    let stale: Vec<_> = names.filter(|name| fresh.get(*name) != present.get(*name)).collect();
    assert!(stale.is_empty(), "{GENERATED_DIR} is stale, run `cargo xtask codegen`: {stale:?}");
    assert!(fresh.len() > 1, "proto/ has been found");
}
