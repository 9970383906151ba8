//! `spile streams seal` and `spile streams verify`: what becomes of records on disk.

use indicatif::{BinaryBytes, HumanCount};
use spile_client::Client;
use spile_client::proto::{Damage, VerifyStreamResponse};

use crate::args::GlobalArgs;
use crate::connect::connect;
use crate::escape::visible;
use crate::exit::CliError;
use crate::notes::Notes;
use crate::output::Sink;

pub(super) async fn seal(global: &GlobalArgs, name: &str, notes: &Notes) -> Result<(), CliError> {
    let sealed = connect(global).await?.seal_stream(name).await?;
    notes.note(&format!(
        "{}: moved {} records; all before offset {} are in segments",
        visible(name),
        HumanCount(sealed.records),
        sealed.sealed_to
    ));
    Ok(())
}

/// Tells each damage on a line of standard output, and what was looked at on standard error.
pub(super) async fn verify(global: &GlobalArgs, name: Option<&str>, notes: &Notes) -> Result<(), CliError> {
    let client = connect(global).await?;
    let names = match name {
        Some(name) => vec![name.to_owned()],
        None => client.all_streams().await?.into_iter().map(|stream| stream.name).collect(),
    };
    let mut sound = true;
    for name in names {
        // One that cannot be looked at does not keep the others from it.
        match verify_one(&client, &name, notes).await {
            Ok(is_sound) => sound &= is_sound,
            Err(CliError::Client(error)) => {
                notes.error(&format!("{}: {error}", visible(&name)));
                sound = false;
            }
            Err(error) => return Err(error),
        }
    }
    if sound { Ok(()) } else { Err(CliError::Told) }
}

async fn verify_one(client: &Client, name: &str, notes: &Notes) -> Result<bool, CliError> {
    let VerifyStreamResponse { records, bytes, damages } = client.verify_stream(name).await?;
    let mut sink = Sink::new();
    for damage in &damages {
        sink.print(|out| out.extend_from_slice(format!("{}\n", describe(name, damage)).as_bytes()))?;
    }
    sink.flush()?;
    let found = match damages.len() {
        0 => "no damage".to_owned(),
        1 => "1 damage".to_owned(),
        several => format!("{several} damages"),
    };
    let (records, bytes) = (HumanCount(records), BinaryBytes(bytes));
    notes.note(&format!("{}: {records} records, {bytes} read: {found}", visible(name)));
    Ok(damages.is_empty())
}

/// One line, whatever the server says.
fn describe(name: &str, damage: &Damage) -> String {
    let Damage { file, at, from, to, reason } = damage;
    let offsets = format!("offsets {from} to {}", to.saturating_sub(1));
    format!("{}: {}: byte {at}: {offsets}: {}", visible(name), visible(file), visible(reason))
}
