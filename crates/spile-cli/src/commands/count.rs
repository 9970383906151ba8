//! `spile count`.

use serde_json::json;

use crate::args::{CountArgs, CountFormat, GlobalArgs};
use crate::connect::connect;
use crate::exit::CliError;
use crate::filter::filter;
use crate::output::{Sink, Target, print_json};

pub(super) async fn run(global: &GlobalArgs, args: &CountArgs) -> Result<(), CliError> {
    let filter = filter(&args.filter)?;
    let client = connect(global).await?;
    let count = client.count(&args.filter.stream, filter).await?;
    let mut sink = Sink::new();
    sink.print(|out| match args.output {
        CountFormat::Plain => out.extend_from_slice(format!("{}\n", count.records).as_bytes()),
        CountFormat::Json => {
            let count = json!({
                "records": count.records,
                "scanned": count.scanned,
                "cursor": count.cursor,
            });
            print_json(&count, false, Target::stdout(global.color), out);
        }
    })?;
    sink.flush()
}
