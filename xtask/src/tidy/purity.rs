//! What code may not do: pile up without a bound, be unsafe, be unfinished; and in the engine, look at the outside world.

use super::source::{self, Source};

/// Asserts that none of the token sequences occurs in what `tokens` gives of the sources chosen.
fn assert_absent(
    sequences: &[&str],
    chosen: impl Fn(&Source) -> bool,
    tokens: impl Fn(&Source) -> String,
    reason: &str,
) {
    let mut found = Vec::new();
    for source in source::rust().iter().filter(|source| chosen(source)) {
        let tokens = format!(" {} ", tokens(source));
        for sequence in sequences {
            if tokens.contains(&format!(" {sequence} ")) {
                found.push(format!("{}: {}", source.path, sequence.replace(' ', "")));
            }
        }
    }
    assert!(found.is_empty(), "{reason}: {found:#?}");
}

#[test]
fn nothing_piles_up_without_a_bound() {
    let constructors = [
        "unbounded_channel",
        ": : unbounded",
        "UnboundedSender",
        "UnboundedReceiver",
        "UnboundedReceiverStream",
        "SegQueue",
    ];
    assert_absent(&constructors, |_| true, Source::tokens, "no unbounded queue, tests included");
}

#[test]
fn nothing_is_unsafe() {
    assert_absent(&["unsafe"], |_| true, Source::tokens, "unsafe code");
}

#[test]
fn nothing_is_left_unfinished() {
    let macros = ["todo !", "unimplemented !", "dbg !"];
    assert_absent(&macros, |_| true, Source::tokens, "unfinished");
}

#[test]
fn the_engine_looks_at_no_clock_environment_or_randomness() {
    let looks = [
        "SystemTime : : now",
        "Instant : : now",
        "UNIX_EPOCH . elapsed",
        "std : : env",
        "env : : var",
        "env : : var_os",
        "option_env !",
        "rand",
        "getrandom",
        "RandomState : : new",
        "Uuid",
    ];
    let in_engine = |source: &Source| source.package() == "crates/spile-engine";
    assert_absent(&looks, in_engine, Source::production_tokens, "pass the value in instead");
}

#[test]
fn the_engine_knows_no_transport() {
    let transport = ["tonic", "hyper", "http", "axum", "opentelemetry", "spile_server", "spile_client"];
    let in_engine = |source: &Source| source.package() == "crates/spile-engine";
    assert_absent(&transport, in_engine, Source::production_tokens, "the engine knows no transport");
}

#[test]
fn sequences_are_found_in_code_and_in_macros_but_not_in_text() {
    let parse = |text: &str| Source {
        path: "crates/spile-engine/src/sample.rs".into(),
        text: text.into(),
        syntax: syn::parse_file(text).unwrap(),
        is_test: false,
    };
    let code = parse("fn f() { let t = std::time::Instant::now(); }");
    assert!(code.production_tokens().contains("Instant : : now"));
    let in_macro = parse("fn f() { println!(\"{:?}\", Instant::now()); }");
    assert!(in_macro.production_tokens().contains("Instant : : now"));
    let in_text = parse("/// Instant::now\nfn f() { let t = \"Instant::now\"; } // Instant::now");
    assert!(!in_text.production_tokens().contains("Instant : : now"));
    let in_test = parse("#[cfg(test)] mod tests { fn f() { Instant::now(); } }");
    assert!(!in_test.production_tokens().contains("Instant : : now"));
}
