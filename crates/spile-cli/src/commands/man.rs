//! `spile man`: manual pages made of the command line's own description.

use std::fs;
use std::io;
use std::path::Path;

use clap::CommandFactory;
use clap_mangen::Man;

use crate::args::{Cli, ManArgs};
use crate::exit::CliError;
use crate::output::Sink;

const SOURCE: &str = concat!("spile ", env!("CARGO_PKG_VERSION"));

pub(super) fn run(args: &ManArgs) -> Result<(), CliError> {
    if let Some(folder) = &args.dir {
        return write_all(folder);
    }
    let name = args.command.as_deref().unwrap_or("spile");
    let wanted = |page: &Page| page.name == name || page.name == format!("spile-{name}");
    let page = pages().into_iter().find(wanted);
    let page = page.ok_or_else(|| CliError::Usage(format!("there is no command {name:?}")))?;
    let mut sink = Sink::new();
    sink.print(|out| out.extend_from_slice(&page.roff))?;
    sink.flush()
}

struct Page {
    /// `spile`, or `spile-tail`.
    name: String,
    roff: Vec<u8>,
}

/// A page for the command itself and one for each of its commands, and for theirs.
fn pages() -> Vec<Page> {
    let mut spile = Cli::command();
    // Makes the commands' usage lines complete.
    spile.build();
    let mut pages = vec![page(&spile, None)];
    add_pages(&spile, &mut pages);
    pages
}

fn add_pages(parent: &clap::Command, pages: &mut Vec<Page>) {
    for command in parent.get_subcommands().filter(|command| command.get_name() != "help") {
        pages.push(page(command, command.get_display_name()));
        add_pages(command, pages);
    }
}

fn page(command: &clap::Command, name: Option<&str>) -> Page {
    let name = name.unwrap_or("spile").to_owned();
    let mut roff = Vec::new();
    let man = Man::new(command.clone()).title(name.clone()).source(SOURCE).manual("Spile");
    man.render(&mut roff).expect("a Vec takes everything");
    Page { name, roff }
}

fn write_all(folder: &Path) -> Result<(), CliError> {
    let refuse = |path: &Path, source: io::Error| CliError::File {
        what: "cannot write",
        path: path.display().to_string(),
        source,
    };
    fs::create_dir_all(folder).map_err(|error| refuse(folder, error))?;
    for page in pages() {
        let path = folder.join(format!("{}.1", page.name));
        fs::write(&path, page.roff).map_err(|error| refuse(&path, error))?;
    }
    Ok(())
}
