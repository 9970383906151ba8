//! The binary `spile-server`: parse, bind, run.

use std::error::Error;
use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;

use spile_server::config::{Config, Invocation, LogFormat, parse};
use spile_server::listen::listen;
use spile_server::signals::StopSignals;
use spile_server::{banner, logging};
use tokio::net::TcpListener;

/// The exit code of a bad configuration, `EX_USAGE` of sysexits.h.
const EXIT_USAGE: u8 = 64;

fn main() -> ExitCode {
    let config = match parse(std::env::args_os(), &|name| std::env::var_os(name)) {
        Ok(Invocation::Serve(config)) => *config,
        Ok(Invocation::Print(text)) => {
            // Who reads only the beginning is served as well.
            drop(std::io::stdout().write_all(text.as_bytes()));
            return ExitCode::SUCCESS;
        }
        Err(problems) => {
            eprintln!("{problems}");
            return ExitCode::from(EXIT_USAGE);
        }
    };
    logging::start(&config.log);
    match serve(&config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("spile-server: {error}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn serve(config: &Config) -> Result<(), Box<dyn Error>> {
    let signals = StopSignals::listen()?;
    let main = listen("listen", config.listen).await?;
    let admin = listen("admin-listen", config.admin_listen).await?;
    let mut otlp = Vec::new();
    for address in &config.otlp_listen {
        otlp.push(listen("otlp-listen", *address).await?);
    }
    let mut app = config.clone().build().await?;
    let otlp_addresses = otlp.iter().map(TcpListener::local_addr).collect::<Result<Vec<_>, _>>()?;
    greet(config, main.local_addr()?, admin.local_addr()?, &otlp_addresses);
    otlp.into_iter().for_each(|listener| app.serve_otlp(listener));
    let stop = app.run(main, admin, signals.clone().nth(1), signals.nth(2)).await;
    tracing::info!(?stop, "stopped");
    Ok(())
}

/// Tells people in words and machines in a record where the server is.
fn greet(config: &Config, main: SocketAddr, admin: SocketAddr, otlp: &[SocketAddr]) {
    if !main.ip().is_loopback() {
        tracing::warn!(%main, "callers are not identified: whoever reaches this address may read and write every stream");
    }
    for address in otlp.iter().filter(|address| !address.ip().is_loopback()) {
        tracing::warn!(otlp = %address, "senders are not identified: whoever reaches this address may write to every stream");
    }
    match config.log.format {
        LogFormat::Text => eprintln!("{}", banner::banner(config, main, admin, otlp)),
        LogFormat::Json => {
            tracing::info!(%main, %admin, ?otlp, data_dir = %config.data_dir.display(), follow = ?config.follow, sources = config.sources.len(), "listening");
        }
    }
}
