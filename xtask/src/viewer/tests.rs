//! What is checked in is held against a build, file by file.

use std::fs;

use super::*;

#[test]
fn a_changed_a_missing_and_a_left_over_file_are_stale() {
    let root = tempfile::tempdir().unwrap();
    let workspace = Workspace { root: root.path().into(), target: root.path().join("target") };
    let write = |path: &str, text: &str| {
        let file = root.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    for (path, text) in [("index.html", "a"), ("assets/app.js", "b")] {
        write(&format!("fresh/{path}"), text);
        write(&format!("{DIST}/{path}"), text);
    }
    let fresh = root.path().join("fresh");
    assert_eq!(stale(&workspace, &fresh).unwrap(), Vec::<String>::new());

    write("fresh/index.html", "c");
    write("fresh/assets/new.css", "d");
    write(&format!("{DIST}/assets/old.css"), "e");
    assert_eq!(stale(&workspace, &fresh).unwrap(), ["assets/new.css", "index.html", "assets/old.css"]);
}
