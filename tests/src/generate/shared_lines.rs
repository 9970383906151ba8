//! The lines that services of one kind share, by severity; the first of a severity are written more often than the last.

use super::services::Kind;

/// The severities that are written: number, name, and share in a thousand.
pub(super) const SEVERITIES: [(i32, &str, u64); 5] =
    [(1, "TRACE", 20), (5, "DEBUG", 200), (9, "INFO", 680), (13, "WARN", 80), (17, "ERROR", 20)];

/// Lines by severity.
pub(super) struct Lines {
    trace: &'static [&'static str],
    debug: &'static [&'static str],
    info: &'static [&'static str],
    warn: &'static [&'static str],
    error: &'static [&'static str],
}

impl Lines {
    /// In the order of [`SEVERITIES`].
    pub(super) fn by_severity(&self) -> [&'static [&'static str]; 5] {
        [self.trace, self.debug, self.info, self.warn, self.error]
    }
}

/// What services of a kind write.
pub(super) fn of(kind: Kind) -> &'static Lines {
    match kind {
        Kind::Http => &HTTP,
        Kind::Java => &JAVA,
        Kind::Worker => &WORKER,
        Kind::Storage => &STORAGE,
        Kind::Daemon => &DAEMON,
    }
}

const HTTP: Lines = Lines {
    trace: &[
        "headers read: content-length={bytes} accept=application/json user-agent={agent} from={ip} request_id={req}",
        "h2 stream {n2} window update +{bytes} on connection {hex8}, flow control window now {bytes} request_id={req}",
    ],
    debug: &[
        "cache lookup key=session:{user} hit=true age={n2}ms shard={small} request_id={req} pod={pod}",
        "upstream {host}:{port} chosen by least_request, {n} active of {n2}, weight {percent} request_id={req}",
        r#"{"level":"debug","caller":"middleware/auth.go:{n}","msg":"token accepted","subject":"{user}","request_id":"{req}","cost_ms":{ms}}"#,
    ],
    info: &[
        r#"{ip} - {user} "{method} {path} HTTP/1.1" 200 {bytes} "-" "{agent}" {ms} ms request_id={req}"#,
        r#"{"level":"info","method":"{method}","path":"{path}","status":200,"duration_ms":{ms},"bytes":{bytes},"request_id":"{req}"}"#,
        "request finished request_id={req} method={method} path={path} status=201 bytes={bytes} took={ms}ms peer={ip}:{port}",
        "connection from {ip}:{port} accepted on listener https, {n} connections open, tls=1.3 alpn=h2 request_id={req}",
    ],
    warn: &[
        r#"{ip} - - "{method} {path} HTTP/1.1" {code4} {n} "-" "{agent}" {ms} ms request_id={req}"#,
        "slow request request_id={req} method={method} path={path} took={ms}ms limit=250ms queued={ms}ms user={user}",
    ],
    error: &[
        r#"{ip} - {user} "{method} {path} HTTP/1.1" {code5} {n} "-" "{agent}" {ms} ms request_id={req}"#,
        "upstream {host}:{port} answered {code5} after {ms} ms, {small} of 3 attempts used, giving up: connection reset by peer request_id={req}",
    ],
};

const JAVA: Lines = Lines {
    trace: &[
        "[{thread}] c.e.http.Filters - Entering filter chain with principal {user}, locale de_DE, session {uuid}, request {req}",
        "[{thread}] c.e.json.Mapper - Parsed {bytes} bytes of body into OrderRequest in {ms} ms, request {req}",
    ],
    debug: &[
        "[{thread}] o.h.SQL - select id, state, updated_at from {table} where id = {n2} for update; {ms} ms, {small} rows, request {req}",
        "[{thread}] c.e.db.Pool - Connection {hex8} lent after {ms} ms, {n} in use, {small} idle, {small} waiting, request {req}",
    ],
    info: &[
        "[{thread}] c.e.orders.OrderController - Order {order} for customer {user} accepted with {small} items, total {ms} EUR, request {req}",
        "[{thread}] o.a.k.c.consumer.Consumer - Committed offset {n2}{n2} for partition {topic}-{small} in {ms} ms, request {req}",
        "[{thread}] c.e.db.Transactions - Transaction {hex8} on {table} committed, {n} rows written in {ms} ms, request {req}",
        "[{thread}] c.e.stock.Reservations - Reserved {small} of {sku} in warehouse {host} until settlement of {order}, request {req}",
    ],
    warn: &[
        "[{thread}] c.e.db.Pool - Connection was held for {ms} ms by transaction {hex8} on {table}; is a statement slow? request {req}",
        "[{thread}] c.e.http.Client - Call of {host}:{port} took {ms} ms, retrying attempt {small} of 5 with jitter, request {req}",
    ],
    error: &[
        "[{thread}] c.e.orders.OrderService - Order {order} could not be stored, request {req}\njava.sql.SQLTransientConnectionException: no connection to {host}:{port} within {n2} ms{frames}",
        "[{thread}] c.e.http.Dispatcher - Unhandled failure of request {req}\njava.lang.IllegalStateException: shipment {uuid} is in state CLOSED{frames}",
        "[{thread}] c.e.payments.Gateway - Payment of {ms} EUR for {order} declined by acquirer with code {n}, not retried, request {req}",
    ],
};

const WORKER: Lines = Lines {
    trace: &["level=trace poll of {topic} gave {n} messages, {bytes} bytes, waited {ms}ms, request_id={req}"],
    debug: &[
        "level=debug job={job} step=fetch url=https://{host}{path} bytes={bytes} took={ms}ms request_id={req}",
        "level=debug lease on {topic}/{small} extended to {n2} ms, heartbeat {n} sent to {host}, request_id={req}",
    ],
    info: &[
        "level=info job={job} id={uuid} state=done attempts={small} took={ms}ms request_id={req}",
        "job {job} taken from {topic} partition {small} at offset {n2}{n2}, lag {n}, request_id={req}",
        r#"{"ts":{n2},"lvl":"info","job":"{job}","file":"{file}","bytes":{bytes},"took_ms":{ms},"request_id":"{req}"}"#,
    ],
    warn: &[
        "level=warn job={job} id={uuid} attempt={small} failed with status {code5}, next try in {n2}ms request_id={req}",
        "level=warn memory at {percent} % of limit after {file}, {n} objects kept, collection took {ms}ms request_id={req}",
    ],
    error: &[
        "level=error job={job} id={uuid} gave up after 5 attempts: dial tcp {ip}:{port}: i/o timeout request_id={req}",
        "level=error panic recovered in {job}: index out of range [{n}] with length {small}, input {file} kept for inspection request_id={req}",
    ],
};

const STORAGE: Lines = Lines {
    trace: &["append of entry {n2}{n2} at term {n} acknowledged by {host} after {ms} ms, request {req}"],
    debug: &[
        "served block {block} to {ip} from {disk}, {bytes} bytes, {ms} ms, request {req}",
        "compaction of level {small} picked {n} files, {bytes} bytes, score {percent}, request {req}",
    ],
    info: &[
        "Received block {block} of size {bytes} from {ip}:{port} to mirror {ip}, request {req}",
        "PacketReceiver {small} for block {block} terminating after {ms} ms, request {req}",
        "flushed memtable {n2} of {table} to {file}, {bytes} bytes in {ms} ms, request {req}",
        "session 0x{hex8}{hex8} of client {ip}:{port} renewed, timeout {n2} ms, request {req}",
    ],
    warn: &[
        "fsync of {file} on {disk} took {ms} ms, {n} writers waited, request {req}",
        "peer {host} is {n2} entries behind, sending a snapshot of {bytes} bytes, request {req}",
    ],
    error: &[
        "checksum of block {block} on {disk} does not match: expected {hex8}, found {hex8}; replica dropped, request {req}",
        "lost connection to {host}:{port} in the middle of {block} after {bytes} bytes: Broken pipe, request {req}",
    ],
};

const DAEMON: Lines = Lines {
    trace: &["node-agent[{pid}]: netlink message type {n} of {n2} bytes handled in {ms} ms req={req}"],
    debug: &[
        "kernel: [{n2}.{n2}] eth0: queue {small} at {percent} %, irq {n}, ring 4096, req={req}",
        "node-agent[{pid}]: cgroup of pod {pod}: cpu {percent} %, memory {bytes} bytes, throttled {ms} ms req={req}",
    ],
    info: &[
        "node-agent[{pid}]: pulled image registry.example.net/{table}:{n}.{small} for pod {pod} in {ms} ms, {bytes} bytes req={req}",
        "node-agent[{pid}]: probe of container {hex8} in pod {pod} succeeded, {n} in a row, latency {ms} ms req={req}",
        "sshd[{pid}]: Accepted publickey for {user} from {ip} port {port} ssh2: ED25519 SHA256:{hex8}{hex8}{hex8} req={req}",
    ],
    warn: &[
        "sshd[{pid}]: Failed password for invalid user {user} from {ip} port {port} ssh2 req={req}",
        "kernel: [{n2}.{n2}] {disk}: request of {bytes} bytes took {ms} ms, queue depth {n} req={req}",
    ],
    error: &[
        "node-agent[{pid}]: container {hex8} of pod {pod} was killed: out of memory at {bytes} bytes, restart {small} in {n} s req={req}",
        "kernel: [{n2}.{n2}] {disk}: I/O error, sector {n2}{n2}, operation 0x1:(WRITE), {small} retries req={req}",
    ],
};
