//! `spile streams delete`: asks, for there is no way back.

use std::io::{self, IsTerminal};

use indicatif::{BinaryBytes, HumanCount};
use spile_client::proto::StreamInfo;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

use crate::args::{DeleteArgs, GlobalArgs};
use crate::connect::connect;
use crate::escape::visible;
use crate::exit::CliError;
use crate::notes::Notes;

/// More than any name has, and than anybody types.
const MAX_ANSWER: u64 = 1_024;

pub(super) async fn run(global: &GlobalArgs, args: &DeleteArgs, notes: &Notes) -> Result<(), CliError> {
    let name = args.name.as_str();
    let can_ask = io::stdin().is_terminal() && io::stderr().is_terminal();
    if !args.yes && !can_ask {
        let message =
            "there is no terminal to ask on whether the stream is to be deleted for good: give --yes";
        return Err(CliError::Usage(message.to_owned()));
    }
    let client = connect(global).await?;
    if !args.yes {
        let stream = client.get_stream(name).await?;
        if !confirm(&stream, notes).await? {
            notes.error("that is not its name: nothing was deleted");
            return Err(CliError::Told);
        }
    }
    let deleted = client.delete_stream(name, name).await?;
    let (records, bytes) = (HumanCount(deleted.records), BinaryBytes(deleted.bytes));
    notes.note(&format!("{}: deleted {records} records, {bytes} on disk", visible(name)));
    Ok(())
}

/// Asks for the stream's name.
async fn confirm(stream: &StreamInfo, notes: &Notes) -> Result<bool, CliError> {
    let StreamInfo { name, records, stored_bytes, .. } = stream;
    let (records, bytes) = (HumanCount(*records), BinaryBytes(*stored_bytes));
    notes.ask(&format!(
        "this deletes the stream {:?} for good: {records} records, {bytes}. Type its name to go on: ",
        visible(name)
    ));
    let mut answer = String::new();
    let mut input = BufReader::new(tokio::io::stdin()).take(MAX_ANSWER);
    input.read_line(&mut answer).await.map_err(|source| CliError::File {
        what: "cannot read",
        path: "standard input".to_owned(),
        source,
    })?;
    Ok(answer.trim() == name)
}
