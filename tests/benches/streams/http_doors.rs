//! (h) What the doors for browsers cost beside gRPC: one client reads everything that is stored.

use std::time::Instant;

use anyhow::{Result, ensure};
use prost::Message;
use spile_proto::v1::TailRequest;
use spile_tests::{HttpStream, Server};

use crate::process::{cpu, median};
use crate::{STORED, row};

const ROUNDS: usize = 5;

/// A door by its name, and how everything is asked for.
const DOORS: [(&str, Ask); 3] = [
    ("gRPC-Web Tail", Ask::GrpcWeb),
    ("/v1/tail, lines of JSON", Ask::Get("/v1/tail?marks=false")),
    ("/v1/tail, events", Ask::Get("/v1/tail?format=sse&follow=false")),
];

#[derive(Clone, Copy)]
enum Ask {
    GrpcWeb,
    Get(&'static str),
}

pub(crate) async fn measure(server: &Server) -> Result<()> {
    let mut rates = DOORS.map(|_| Vec::new());
    let mut costs = DOORS.map(|_| Vec::new());
    // In turns, so that what disturbs the machine disturbs all of them.
    for _ in 0..ROUNDS {
        for (nth, (_, ask)) in DOORS.iter().enumerate() {
            let before = cpu(server.pid())?;
            rates[nth].push(read_all(server, *ask).await?);
            costs[nth].push((cpu(server.pid())? - before).as_nanos() as f64 / STORED as f64);
        }
    }
    for (((name, _), rates), costs) in DOORS.iter().zip(rates).zip(costs) {
        row(&format!("(h) {name}: records/s, not decoded"), &format!("{:.2} M", median(rates) / 1e6), "");
        row(&format!("(h) {name}: server CPU per record"), &format!("{:.0} ns", median(costs)), "");
    }
    Ok(())
}

async fn read_all(server: &Server, ask: Ask) -> Result<f64> {
    let start = Instant::now();
    let mut answer = match ask {
        Ask::Get(path) => HttpStream::get(&server.address, path, &[]).await?,
        Ask::GrpcWeb => HttpStream::send(&server.address, grpc_web(server)?).await?,
    };
    ensure!(answer.status == 200, "it answers {}", answer.status);
    let mut bytes = 0;
    while let Some(chunk) = answer.chunk().await? {
        bytes += chunk.len() as u64;
    }
    ensure!(bytes > STORED * 150, "{bytes} bytes came");
    Ok(STORED as f64 / start.elapsed().as_secs_f64())
}

fn grpc_web(server: &Server) -> Result<http::Request<http_body_util::Full<bytes::Bytes>>> {
    let message = TailRequest::default().encode_to_vec();
    let mut body = vec![0];
    body.extend_from_slice(&u32::try_from(message.len())?.to_be_bytes());
    body.extend_from_slice(&message);
    let request = http::Request::post("/spile.v1.ReadService/Tail").header("host", &server.address);
    Ok(request.header("content-type", "application/grpc-web+proto").body(bytes::Bytes::from(body).into())?)
}
