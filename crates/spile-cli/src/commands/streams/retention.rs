//! `spile streams retention`: how much of a stream is kept.

use spile_client::proto::Retention;

use crate::amount::{interval, size};
use crate::args::{GlobalArgs, RetentionArgs};
use crate::connect::connect;
use crate::escape::visible;
use crate::exit::CliError;
use crate::notes::Notes;
use crate::output::Sink;

pub(super) async fn run(global: &GlobalArgs, args: &RetentionArgs, notes: &Notes) -> Result<(), CliError> {
    let client = connect(global).await?;
    let held = client.get_stream(&args.name).await?.retention.unwrap_or_default();
    let wanted = match (args.inherit, args.max_bytes, args.max_age) {
        (true, ..) => None,
        (false, None, None) => {
            let mut sink = Sink::new();
            sink.print(|out| out.extend_from_slice(format!("{}\n", describe(&held)).as_bytes()))?;
            return sink.flush();
        }
        // What is not given stays, also where it was the server's so far.
        (false, max_bytes, max_age) => Some(Retention {
            max_bytes: max_bytes.unwrap_or(held.max_bytes),
            max_age_nanos: max_age.unwrap_or(held.max_age_nanos),
            inherited: false,
        }),
    };
    let holds = client.update_retention(&args.name, wanted).await?;
    notes.note(&format!(
        "{}: retention was {}, is {}",
        visible(&args.name),
        describe(&held),
        describe(&holds)
    ));
    Ok(())
}

/// `10GiB, 7d`; in brackets when it is the server's setting.
pub(super) fn describe(retention: &Retention) -> String {
    let Retention { max_bytes, max_age_nanos, inherited } = *retention;
    let bounds = match (max_bytes, max_age_nanos) {
        (0, 0) => "none".to_owned(),
        (bytes, 0) => size(bytes),
        (0, age) => interval(age),
        (bytes, age) => format!("{}, {}", size(bytes), interval(age)),
    };
    if inherited { format!("({bounds})") } else { bounds }
}
