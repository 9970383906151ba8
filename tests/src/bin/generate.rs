//! Writes generated records to standard output: `generate RECORDS SEED`. `cargo xtask generate` runs it.

use std::io::{self, BufWriter, ErrorKind, Write};

use anyhow::{Context, Result, bail};
use spile_tests::generate::{Generated, JsonLines, Records};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [records, seed] = arguments.as_slice() else { bail!("usage: generate RECORDS SEED") };
    let records = records.parse().context("RECORDS is a number")?;
    match write(records, seed.parse().context("SEED is a number")?) {
        // Who reads has seen enough, as `head` does.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("write to standard output"),
    }
}

fn write(records: u64, seed: u64) -> io::Result<()> {
    let mut all = Records::new(seed);
    let mut lines = JsonLines::new(all.resources());
    let mut output = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut generated = Generated::default();
    for _ in 0..records {
        all.fill_next(&mut generated);
        lines.write(&generated.record, &mut output)?;
    }
    output.flush()
}
