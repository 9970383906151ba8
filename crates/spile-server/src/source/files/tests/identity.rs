//! Which file is which, looked at one by one.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use spile_engine::Stream;

use super::Place as Folders;
use crate::ingest::pipeline::AppendPipeline;
use crate::ingest::place::Place;
use crate::metrics::Metrics;
use crate::source::files::followed::{Followed, Identity, Look};
use crate::source::files::head::{Fingerprint, HEAD_BYTES, NotText, not_text};
use crate::source::files::key::FileKey;
use crate::source::files::registry::{Known, Registry};

const NOW: u64 = 1_700_000_000_000_000_000;

/// A followed file that was begun anew.
fn begun(path: &Path, stream: &Stream) -> Followed {
    let key = FileKey::of(&fs::metadata(path).unwrap());
    let mut file = Followed::new(key, path.to_path_buf(), None);
    let (Identity::New(fingerprint), _) = file.identify(Vec::new(), stream, false).unwrap() else {
        panic!("nothing is known of it");
    };
    let known = known(key, path, fingerprint);
    let metrics = Arc::new(Metrics::new());
    let start = (Place::default(), None);
    let pipeline =
        AppendPipeline::new(stream.clone(), Some(known.id.clone()), start, 1 << 20, metrics, "follow");
    file.begin(&known, Place::default(), pipeline);
    file
}

fn known(key: FileKey, path: &Path, fingerprint: Fingerprint) -> Known {
    Known {
        id: "file:1".into(),
        path: path.to_path_buf(),
        key,
        fingerprint,
        place: Place::default(),
        seen_unix_seconds: 1_700_000_000,
    }
}

#[test]
fn an_unended_line_of_a_truncated_file_is_taken_as_it_is() {
    let place = Folders::new();
    place.append("app.log", "one\nhalf");
    let server = place.follow(&["nothing"]);
    let mut file = begun(&place.path("app.log"), &server.stream);
    let Look::Read(read) = file.look(1 << 20, NOW, false).unwrap() else { panic!("it is whole") };
    assert_eq!((read.lines, read.bytes, read.more), (1, 8, false));
    assert!(file.has_unfinished());
    place.truncate("app.log");
    let Look::Truncated(batches) = file.look(1 << 20, NOW, false).unwrap() else { panic!("it is truncated") };
    let frame = batches.into_iter().next().unwrap().drafts.remove(0).into_frame(spile_engine::Offset::ZERO);
    assert_eq!(frame.body(0), b"half");
}

#[test]
fn a_file_has_no_identity_before_its_first_line_has_an_end() {
    let place = Folders::new();
    place.append("app.log", "2023-11-14 a sta");
    let server = place.follow(&["nothing"]);
    let path = place.path("app.log");
    let mut file = Followed::new(FileKey::of(&fs::metadata(&path).unwrap()), path, None);
    let mut identify = |finish| file.identify(Vec::new(), &server.stream, finish).unwrap().0;
    assert!(matches!(identify(false), Identity::TooShort));
    assert!(matches!(identify(true), Identity::New(_)), "no more is expected");
    place.append("app.log", "rt\n");
    assert!(matches!(identify(false), Identity::New(_)));
    place.truncate("app.log");
    assert!(matches!(identify(true), Identity::TooShort));
}

#[test]
fn one_look_reads_a_bounded_part() {
    let place = Folders::new();
    place.append("app.log", "0123456789\n".repeat(10));
    let server = place.follow(&["nothing"]);
    let mut file = begun(&place.path("app.log"), &server.stream);
    let mut looks = Vec::new();
    loop {
        let Look::Read(read) = file.look(25, NOW, false).unwrap() else { panic!("it is whole") };
        looks.push((read.bytes, read.lines));
        if !read.more {
            break;
        }
    }
    assert_eq!(looks, [(25, 2), (25, 2), (25, 2), (25, 3), (10, 1)]);
}

#[test]
fn a_path_that_leads_to_another_file_or_to_none_is_not_read_for_it() {
    let place = Folders::new();
    place.append("app.log", "one\n");
    let server = place.follow(&["nothing"]);
    let mut file = begun(&place.path("app.log"), &server.stream);
    file.close();
    place.append("other.log", "two\n");
    place.rename("app.log", "kept");
    place.rename("other.log", "app.log");
    let Look::Read(read) = file.look(1 << 20, NOW, false).unwrap() else { panic!("it is whole") };
    assert_eq!((read.bytes, file.path.as_path()), (4, place.path("kept").as_path()));
    file.close();
    let elsewhere = Folders::new();
    fs::rename(place.path("kept"), elsewhere.path("kept")).unwrap();
    let error = file.look(1 << 20, NOW, false).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}

#[test]
fn a_fingerprint_fits_the_same_file_grown_and_no_other() {
    let short = Fingerprint::of(b"2023-11-14 start").unwrap();
    assert!(short.can_grow());
    assert!(short.fits(b"2023-11-14 start") && short.fits(b"2023-11-14 start and more"));
    assert!(!short.fits(b"2023-11-14 sta") && !short.fits(b"2023-11-15 start and more"));
    let long = Fingerprint::of(&[b'x'; 2 * HEAD_BYTES]).unwrap();
    assert!(!long.can_grow() && long.fits(&[b'x'; HEAD_BYTES]));
    assert_eq!(Fingerprint::of(b""), None);
}

#[test]
fn compressed_and_binary_files_are_told_by_their_first_bytes() {
    assert_eq!(not_text(b"\x1f\x8b\x08\x00rest"), Some(NotText::Compressed("gzip")));
    assert_eq!(not_text(b"\x28\xb5\x2f\xfdrest"), Some(NotText::Compressed("zstd")));
    assert_eq!(not_text(b"\xfd7zXZ\x00rest"), Some(NotText::Compressed("xz")));
    assert_eq!(not_text(b"text \x00 with a zero"), Some(NotText::Binary));
    assert_eq!(not_text("Grüße \x1b[31mred\x1b[0m \u{fffd}\n".as_bytes()), None);
    assert_eq!(not_text(b"broken \xff\xfe bytes"), None, "they are escaped");
}

#[test]
fn a_known_file_is_found_by_its_inode_and_its_first_bytes() {
    let place = Folders::new();
    place.append("app.log", "one\ntwo\n");
    let server = place.follow(&["nothing"]);
    let path = place.path("app.log");
    let key = FileKey::of(&fs::metadata(&path).unwrap());
    let read = |known: Known| {
        Followed::new(key, path.clone(), None).identify(vec![known], &server.stream, false).unwrap().0
    };
    let right = Known { place: Place::behind(4), ..known(key, &path, Fingerprint::of(b"one\n").unwrap()) };
    let Identity::Known(_, place) = read(right.clone()) else { panic!("it is the same") };
    assert_eq!(place, Place::behind(4));
    let other = Known { fingerprint: Fingerprint::of(b"two\n").unwrap(), ..right.clone() };
    assert!(matches!(read(other), Identity::New(_)));
    let longer = Known { place: Place::behind(9), ..right };
    assert!(matches!(read(longer), Identity::New(_)), "it was truncated meanwhile");
}

#[test]
fn the_registry_is_what_it_was_after_it_was_saved() {
    let place = Folders::new();
    let file = place.path("followed.json");
    let mut registry = Registry::load(&file, 7).unwrap();
    let odd = Path::new(std::str::from_utf8(b"/var/log/with \\ and \n").unwrap());
    let key = FileKey { device: 1, inode: u64::MAX };
    let fingerprint = Fingerprint::of(b"head").unwrap();
    registry.insert(known(key, odd, fingerprint));
    registry.note(key, Place { start: 9, results: 2 }, fingerprint);
    registry.snapshot(1_700_000_001).write().unwrap();
    assert!(!registry.is_changed());

    let loaded = Registry::load(&file, 7).unwrap();
    let expected = Known { place: Place { start: 9, results: 2 }, ..known(key, odd, fingerprint) };
    assert_eq!(loaded.candidates(key, Path::new("/another/name")), std::slice::from_ref(&expected));
    let other_device = FileKey { device: 2, ..key };
    assert_eq!(loaded.candidates(other_device, odd), [expected], "devices are numbered anew at each start");
    assert!(loaded.candidates(other_device, Path::new("/another/name")).is_empty());
    assert_eq!(Registry::load(&file, 8).unwrap().iter().count(), 0, "another stream has nothing of them");
}

#[test]
fn files_that_are_long_gone_are_forgotten() {
    let place = Folders::new();
    let mut registry = Registry::load(&place.path("followed.json"), 7).unwrap();
    let fingerprint = Fingerprint::of(b"head").unwrap();
    for inode in [1, 2] {
        registry.insert(known(FileKey { device: 1, inode }, Path::new("/a"), fingerprint));
    }
    let later = 1_700_000_000 + 8 * 24 * 3600;
    registry.see([2], later);
    registry.snapshot(later);
    let left: Vec<_> = registry.iter().map(|known| known.key.inode).collect();
    assert_eq!(left, [2]);
}

#[test]
fn a_registry_that_cannot_be_read_is_set_aside() {
    let place = Folders::new();
    for text in ["{ no json", r#"{"version":99,"stream_id":"0000000000000007","files":[]}"#] {
        fs::write(place.path("followed.json"), text).unwrap();
        let registry = Registry::load(&place.path("followed.json"), 7).unwrap();
        assert_eq!(registry.iter().count(), 0);
        assert_eq!(fs::read_to_string(place.path("followed.unreadable")).unwrap(), text);
    }
}
