//! Tools are installed once for one set of pins.

use std::cell::Cell;

use super::*;

#[test]
fn installs_once_for_the_same_pins_and_anew_for_others() {
    let target = tempfile::tempdir().unwrap();
    let workspace = Workspace { root: target.path().into(), target: target.path().into() };
    let runs = Cell::new(0);
    let install = |pins: &[&str]| {
        installed(&workspace, "tool", pins, |dir| {
            runs.set(runs.get() + 1);
            Ok(fs::write(dir.join(format!("run-{}", runs.get())), "")?)
        })
    };
    let dir = install(&["1.0"]).unwrap();
    install(&["1.0"]).unwrap();
    assert_eq!(runs.get(), 1);
    install(&["1.0", "other lock file"]).unwrap();
    assert_eq!(runs.get(), 2);
    assert!(!dir.join("run-1").exists(), "nothing of the old installation is left");
}

#[test]
fn a_failed_installation_is_tried_again() {
    let target = tempfile::tempdir().unwrap();
    let workspace = Workspace { root: target.path().into(), target: target.path().into() };
    installed(&workspace, "tool", &["1.0"], |_| anyhow::bail!("no network")).unwrap_err();
    let ran = Cell::new(false);
    installed(&workspace, "tool", &["1.0"], |_| {
        ran.set(true);
        Ok(())
    })
    .unwrap();
    assert!(ran.get());
}

#[test]
fn versions_are_read_from_what_the_tools_print() {
    assert_eq!(go::number("go1.26.8\n"), Some((1, 26)));
    assert_eq!(go::number("go1.21rc2\n"), None);
    assert_eq!(go::number("devel +abc"), None);
    assert_eq!(node::release("v20.20.2\n"), Some((20, 20)));
    assert_eq!(node::release("20"), None);
}

#[test]
fn a_tree_is_staged_anew_without_what_tools_make() {
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("from"), dir.path().join("to"));
    for path in ["from/src/ui", "from/node_modules", "to/src", "to/node_modules"] {
        fs::create_dir_all(dir.path().join(path)).unwrap();
    }
    for file in ["from/a", "from/src/ui/b", "from/node_modules/theirs", "to/src/gone", "to/node_modules/ours"]
    {
        fs::write(dir.path().join(file), "").unwrap();
    }
    stage_tree(&from, &to, &["node_modules"]).unwrap();
    assert!(to.join("a").exists() && to.join("src/ui/b").exists());
    assert!(!to.join("src/gone").exists(), "what is no longer in the sources goes");
    assert!(to.join("node_modules/ours").exists() && !to.join("node_modules/theirs").exists());
}
