//! Every byte cut, every byte flipped: the verdict is right, and nothing acknowledged goes in silence.

use super::*;

/// A small journal of three files; the last one has two commits, the last of which has two frames. `marked`:
/// cleanly closed.
fn small(marked: bool) -> (FaultyDisk, Vec<(u64, String)>) {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, JournalOptions { file_bytes: 500, ..OPTIONS }).unwrap();
    while disk.paths().len() < 4 {
        let tail = journal.tail().0;
        let mark = ProducerMark { producer: "p".into(), sequence: tail, end: 2, records: 2 };
        let marked = PendingFrame { marks: vec![mark], ..frame(&bodies(tail, 2)) };
        journal.commit(&[marked, frame(&bodies(tail + 2, 1))], 5).unwrap();
    }
    commit(&mut journal, 1);
    let tail = journal.tail().0;
    journal.commit(&[frame(&bodies(tail, 2)), frame(&bodies(tail + 2, 1))], 5).unwrap();
    if marked {
        journal.mark().unwrap();
    }
    let contents = contents(&journal.reader());
    assert_eq!(contents, dense(0, tail + 3));
    (disk, contents)
}

/// The records of the last commit: without a mark nobody can tell that they were acknowledged.
const IN_DOUBT: usize = 3;

/// Opens a damaged journal and checks all that must hold: it is refused, or it has every record that is known
/// to be durable, or it tells the damage when that is read. Returns whether it was refused.
fn check(disk: &FaultyDisk, expected: &[(u64, String)], in_doubt: usize, what: &str) -> bool {
    let inspected = Journal::inspect(disk, dir()).unwrap();
    match open(disk, OPTIONS) {
        Err(OpenError::Corrupt(damages)) => {
            assert_eq!(inspected, Verdict::Corrupt(damages.clone()), "{what}");
            let named =
                damages.iter().all(|damage| damage.file.starts_with(dir()) && damage.from <= damage.to);
            assert!(!damages.is_empty() && named, "{what}: {damages:?}");
            repair_keeps_the_rest(disk, expected, what);
            true
        }
        Err(error) => panic!("{what}: {error}"),
        Ok((journal, recovered)) => {
            assert_eq!(recovered.verdict, inspected, "{what}");
            assert!(!matches!(inspected, Verdict::Corrupt(_)), "{what}");
            let kept = recovered.tail.0 as usize;
            assert!(kept + in_doubt >= expected.len() && kept <= expected.len(), "{what}: kept {kept}");
            told_or_there(&journal.reader(), &expected[..kept], what);
            false
        }
    }
}

/// Every record is there, or reading it says that it is damaged.
fn told_or_there(reader: &JournalReader, expected: &[(u64, String)], what: &str) {
    for (offset, body) in expected {
        let run = reader.read(Offset(*offset), Offset(offset + 1), 1, &all);
        match run {
            Ok(run) => {
                let frame = &run.frames[0];
                let at = (offset - frame.first_offset().0) as usize;
                assert_eq!(frame.body(at), body.as_bytes(), "{what}");
            }
            Err(ReadError::Corrupt { from, to, .. } | ReadError::Gap { from, to }) => {
                assert!(from.0 <= *offset && *offset < to.0, "{what}");
            }
            Err(error) => panic!("{what}: {error}"),
        }
    }
}

fn repair_keeps_the_rest(disk: &FaultyDisk, expected: &[(u64, String)], what: &str) {
    let (journal, recovered) = open(disk, JournalOptions { repair: true, ..OPTIONS }).unwrap();
    assert!(!recovered.repaired.is_empty(), "{what}");
    let found = contents(&journal.reader());
    let lost = expected.len() - found.len();
    assert!(lost <= expected.len() / 2, "{what}: lost {lost} of {}", expected.len());
    assert!(found.iter().all(|record| expected.contains(record)), "{what}");
    told_or_there(&journal.reader(), &expected[..recovered.tail.0 as usize], what);
}

fn journal_files(disk: &FaultyDisk) -> Vec<PathBuf> {
    disk.paths().into_iter().filter(|path| path.parent() == Some(dir())).collect()
}

/// Every position in a file; of the checkpoint, which is nearly all zeros, every one in its slots and some
/// others.
fn positions(file: &Path, len: usize) -> impl Iterator<Item = usize> {
    let padded = file.ends_with("checkpoint");
    (0..len).filter(move |at| !padded || at % 4_096 < 64 || at % 61 == 0)
}

fn cut_everywhere(marked: bool) {
    let (disk, expected) = small(marked);
    let files = journal_files(&disk);
    let last = &files[files.len() - 2];
    for file in &files {
        let content = disk.read_file(file).unwrap();
        for length in positions(file, content.len()) {
            let damaged = disk.copy();
            damaged.write_file(file, &content[..length]);
            let what = format!("{} cut to {length} of {}", file.display(), content.len());
            // What the last file held goes with it, and so does every sign of it, unless it was marked.
            let in_last = expected.len() - 12;
            let in_doubt = if marked || file != last { 0 } else { in_last };
            let refused = check(&damaged, &expected, in_doubt, &what);
            assert!(refused || in_doubt > 0 || file.ends_with("checkpoint"), "{what}");
        }
    }
}

#[test]
fn a_cut_at_any_byte_is_told_from_a_torn_commit() {
    cut_everywhere(false);
}

#[test]
fn a_cut_at_any_byte_of_a_closed_journal_is_corruption() {
    cut_everywhere(true);
}

fn flip_everywhere(marked: bool) {
    let in_doubt = if marked { 0 } else { IN_DOUBT };
    let (disk, expected) = small(marked);
    for file in journal_files(&disk) {
        let content = disk.read_file(&file).unwrap();
        for at in positions(&file, content.len()) {
            // One bit each, another one from byte to byte, and all eight.
            for mask in [1u8 << (at % 8), 0xff] {
                let mut flipped = content.clone();
                flipped[at] ^= mask;
                let damaged = disk.copy();
                damaged.write_file(&file, &flipped);
                let what = format!("{} with byte {at} flipped by {mask:#x}", file.display());
                check(&damaged, &expected, in_doubt, &what);
            }
        }
    }
}

#[test]
fn a_flip_of_any_byte_is_told_or_harmless() {
    flip_everywhere(false);
}

#[test]
fn a_flip_of_any_byte_of_a_closed_journal_is_told_or_harmless() {
    flip_everywhere(true);
}

#[test]
fn a_removed_file_is_corruption() {
    for marked in [false, true] {
        let (disk, expected) = small(marked);
        let files = journal_files(&disk);
        for file in &files {
            let damaged = disk.copy();
            damaged.remove_file(file);
            let what = format!("{} removed", file.display());
            let last = *file == files[files.len() - 2];
            let refused = check(&damaged, &expected, if marked { 0 } else { expected.len() }, &what);
            assert!(refused || (last && !marked), "{what}");
        }
    }
}

#[test]
fn what_was_found_at_an_opening_is_durable_from_then_on() {
    let (disk, expected) = small(false);
    drop(open(&disk, OPTIONS).unwrap());
    let files = journal_files(&disk);
    let last = &files[files.len() - 2];
    let content = disk.read_file(last).unwrap();
    disk.write_file(last, &content[..content.len() - 1]);
    assert!(check(&disk, &expected, 0, "the last file cut by a byte after an opening"));
}

#[test]
fn zeroed_sectors_of_durable_data_are_told() {
    let (disk, expected) = small(true);
    for file in journal_files(&disk) {
        let content = disk.read_file(&file).unwrap();
        for start in (0..content.len()).step_by(64) {
            let mut zeroed = content.clone();
            let end = (start + 512).min(zeroed.len());
            zeroed[start..end].fill(0);
            let damaged = disk.copy();
            damaged.write_file(&file, &zeroed);
            check(&damaged, &expected, 0, &format!("{} zeroed from {start}", file.display()));
        }
    }
}

mod random {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Harm {
        /// These bytes from this share of a file on.
        Bytes(Vec<u8>),
        /// As many bytes of another place of the same file: a misdirected write.
        Copy(u16, usize),
        /// Bytes go missing, what lies behind moves up.
        Cut(usize),
    }

    fn harm() -> impl Strategy<Value = Harm> {
        prop_oneof![
            prop::collection::vec(any::<u8>(), 1..200).prop_map(Harm::Bytes),
            (any::<u16>(), 1..400_usize).prop_map(|(from, len)| Harm::Copy(from, len)),
            (1..300_usize).prop_map(Harm::Cut),
        ]
    }

    fn place(share: u16, len: usize) -> usize {
        usize::from(share) * len / 65_536
    }

    fn apply(content: &mut Vec<u8>, share: u16, harm: &Harm) {
        let len = content.len();
        let at = place(share, len);
        match harm {
            Harm::Bytes(bytes) => {
                let end = (at + bytes.len()).min(len);
                content[at..end].copy_from_slice(&bytes[..end - at]);
            }
            Harm::Copy(from, count) => {
                let from = place(*from, len);
                let count = (*count).min(len - at).min(len - from);
                content.copy_within(from..from + count, at);
            }
            Harm::Cut(count) => drop(content.drain(at..(at + count).min(len))),
        }
    }

    proptest! {
        #[test]
        fn any_damage_to_a_closed_journal_is_told_or_harmless(
            harms in prop::collection::vec((any::<prop::sample::Index>(), any::<u16>(), harm()), 1..3),
        ) {
            let (disk, expected) = small(true);
            let files = journal_files(&disk);
            for (file, share, harm) in &harms {
                let file = file.get(&files);
                let mut content = disk.read_file(file).unwrap();
                apply(&mut content, *share, harm);
                disk.write_file(file, &content);
            }
            check_at_all(&disk, &expected, &format!("{harms:?}"));
        }
    }
}

/// As `check`, for damage that may leave little.
fn check_at_all(disk: &FaultyDisk, expected: &[(u64, String)], what: &str) {
    let marked = matches!(Journal::inspect(disk, dir()).unwrap(), Verdict::Corrupt(_));
    match open(disk, OPTIONS) {
        Err(OpenError::Corrupt(_)) => {
            assert!(marked);
            let (journal, recovered) = open(disk, JournalOptions { repair: true, ..OPTIONS }).unwrap();
            let kept = (recovered.tail.0 as usize).min(expected.len());
            told_or_there(&journal.reader(), &expected[..kept], what);
        }
        Err(error) => panic!("{what}: {error}"),
        Ok((journal, recovered)) => {
            assert_eq!(recovered.tail.0 as usize, expected.len(), "{what}");
            told_or_there(&journal.reader(), expected, what);
        }
    }
}

#[test]
fn the_error_names_file_byte_and_way_out() {
    let (disk, _) = small(true);
    let file = journal_files(&disk)[0].clone();
    let mut content = disk.read_file(&file).unwrap();
    content[50] ^= 1;
    disk.write_file(&file, &content);
    let error = open(&disk, OPTIONS).unwrap_err().to_string();
    assert!(error.contains("00000000000000000000.spj at byte 48"), "{error}");
    assert!(error.contains("--repair"), "{error}");
}

#[test]
fn another_version_is_refused_and_not_repaired() {
    let (disk, _) = small(true);
    let file = journal_files(&disk)[0].clone();
    let mut content = disk.read_file(&file).unwrap();
    content[8] = 2;
    let crc = crc32c::crc32c(&content[..44]);
    content[44..48].copy_from_slice(&crc.to_le_bytes());
    disk.write_file(&file, &content);
    for repair in [false, true] {
        let error = open(&disk, JournalOptions { repair, ..OPTIONS }).unwrap_err();
        assert!(matches!(error, OpenError::Version { found: 2, known: 1, .. }), "{error}");
    }
    assert_eq!(disk.read_file(&file).unwrap(), content);
}

#[test]
fn a_failed_read_at_open_is_not_taken_for_damage() {
    let (disk, expected) = small(false);
    for nth in 0.. {
        let damaged = disk.copy();
        damaged.fail_read(nth, crate::disk::faulty::EIO);
        match open(&damaged, OPTIONS) {
            Err(OpenError::Io { .. }) => {
                let (journal, _) = open(&damaged, OPTIONS).unwrap();
                assert_eq!(contents(&journal.reader()), expected);
            }
            Err(error) => panic!("{error}"),
            Ok(_) => {
                assert!(nth > 10, "opening reads more often than {nth} times");
                break;
            }
        }
    }
}
