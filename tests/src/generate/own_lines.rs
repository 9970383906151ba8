//! The lines that one service alone writes, at INFO: what it is there for.

/// What a service writes beside what its kind does.
pub(super) fn of(service: &str) -> &'static [&'static str] {
    match service {
        "gateway" => &[
            "route shop-{small} matched for {method} {path}, cluster {table}, {n} healthy endpoints, request_id={req}",
            r#"{"level":"info","msg":"rate limit checked","client":"{ip}","remaining":{n2},"reset_ms":{n2},"request_id":"{req}"}"#,
        ],
        "block-store" => &[
            "Starting replication of {block} from {ip}:{port} to {host}, {small} of 3 copies are live, request {req}",
        ],
        "checkout" => &[
            "cart of {user} priced: {small} positions, {ms} EUR, voucher none, reserved until {n2} s from now request_id={req}",
        ],
        "orders" => &[
            "[{thread}] c.e.orders.StateMachine - Order {order} moved from PAID to PICKED by {user} at {host}, request {req}",
        ],
        "catalog" => &[
            "price list {uuid} applied to {n} products of brand {n2}, {small} rejected, took {ms} ms, request_id={req}",
        ],
        "node-agent" => &["node-agent[{pid}]: volume pvc-{uuid} mounted at {disk} for pod {pod} req={req}"],
        "search" => &[
            r#"{"level":"info","msg":"query","terms":{small},"hits":{n2},"shards":{n},"took_ms":{ms},"user":"{user}","request_id":"{req}"}"#,
        ],
        "inventory" => &[
            "[{thread}] c.e.stock.Counter - Stock of {sku} is {n2} after delivery {uuid}, threshold {n}, request {req}",
        ],
        "payments" => &[
            "[{thread}] c.e.payments.Gateway - Authorised {ms} EUR for {order}, card ending {n2}, risk score {percent}, request {req}",
        ],
        "coordinator" => &[
            "Established session 0x{hex8}{hex8} with negotiated timeout {n2} for client /{ip}:{port}, request {req}",
        ],
        "identity" => {
            &["login of {user} from {ip} succeeded with totp after {ms} ms, session {uuid}, request_id={req}"]
        }
        "recommender" => &[
            "level=info model=v{n} user={user} candidates={n2} returned={n} cold=false took={ms}ms request_id={req}",
        ],
        "notifier" => &[
            "level=info push to {n} devices of {user} through {host}, {small} tokens expired, took={ms}ms request_id={req}",
        ],
        "cart" => &[
            "item {sku} added to cart {uuid} of {user}, quantity {small}, {n} positions in all, request_id={req}",
        ],
        "shipping" => &[
            "[{thread}] c.e.ship.Carrier - Label for {order} printed at {host}, parcel of {n2} g, route {hex8}, request {req}",
        ],
        "ledger-store" => &[
            "snapshot {n2} of {table} written to {file}, {bytes} bytes, applied index {n2}{n2}, request {req}",
        ],
        "thumbnailer" => &[
            "level=info image {file} scaled to {n}x{n} webp, {bytes} bytes from {bytes}, took={ms}ms request_id={req}",
        ],
        "bastion" => &[
            "sshd[{pid}]: pam_unix(sshd:session): session opened for user {user}(uid={n2}) by (uid=0) req={req}",
        ],
        "billing" => &[
            "[{thread}] c.e.billing.Invoices - Invoice {uuid} over {ms} EUR for {user} rendered in {ms} ms, {small} pages, request {req}",
        ],
        "mailer" => &[
            "level=info mail {uuid} to {user}@example.net accepted by {host}: 250 2.0.0 Ok queued as {hex8} request_id={req}",
        ],
        other => unreachable!("service {other} has no lines of its own"),
    }
}
