//! Tokens come back as they were, and nothing else is taken for one.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn a_token_comes_back_as_it_was(stream_id: u64, next: u64) {
        let token = CursorToken { stream_id, next: Offset(next) };
        let text = token.encode();
        prop_assert_eq!(text.len(), 28);
        prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        prop_assert_eq!(CursorToken::decode(&text), Ok(token));
    }

    #[test]
    fn no_text_hurts(text in ".{0,64}") {
        let _ = CursorToken::decode(&text);
    }

    #[test]
    fn a_changed_token_is_refused(stream_id: u64, next: u64, at in 0usize..28, to in "[A-Za-z0-9_-]") {
        let mut text = CursorToken { stream_id, next: Offset(next) }.encode();
        prop_assume!(text[at..=at] != to);
        text.replace_range(at..=at, &to);
        prop_assert!(CursorToken::decode(&text).is_err());
    }
}

#[test]
fn a_later_version_is_named() {
    let mut bytes = [0u8; LENGTH];
    bytes[0] = 9;
    assert_eq!(CursorToken::decode(&URL_SAFE_NO_PAD.encode(bytes)), Err(TokenError::Version(9)));
}
