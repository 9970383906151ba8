//! Tokens come back as they were, and nothing else is taken for one.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn is_url_safe(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn by_time(numbers: [u64; 5]) -> TimeToken {
    let [stream_id, unix_nano, offset, end, floor] = numbers;
    let next = TimeKey { unix_nano, offset: Offset(offset) };
    TimeToken { stream_id, position: TimePosition { next, end: Offset(end), floor: Offset(floor) } }
}

proptest! {
    #[test]
    fn a_token_comes_back_as_it_was(stream_id: u64, next: u64) {
        let token = CursorToken { stream_id, next: Offset(next) };
        let text = token.encode();
        prop_assert_eq!(text.len(), 28);
        prop_assert!(is_url_safe(&text));
        prop_assert_eq!(CursorToken::decode(&text), Ok(token));
        prop_assert_eq!(TimeToken::decode(&text), Err(TokenError::ByOffset));
    }

    #[test]
    fn a_token_of_a_reading_by_time_comes_back_as_it_was(numbers: [u64; 5]) {
        let token = by_time(numbers);
        let text = token.encode();
        prop_assert_eq!(text.len(), 60);
        prop_assert!(is_url_safe(&text));
        prop_assert_eq!(TimeToken::decode(&text), Ok(token));
        prop_assert_eq!(CursorToken::decode(&text), Err(TokenError::ByTime));
    }

    #[test]
    fn no_text_hurts(text in ".{0,64}") {
        let _ = CursorToken::decode(&text);
        let _ = TimeToken::decode(&text);
    }

    #[test]
    fn a_changed_token_is_refused(numbers: [u64; 5], at in 0usize..28, to in "[A-Za-z0-9_-]") {
        let by_offset = CursorToken { stream_id: numbers[0], next: Offset(numbers[1]) }.encode();
        for mut text in [by_offset, by_time(numbers).encode()] {
            prop_assume!(text[at..=at] != to);
            text.replace_range(at..=at, &to);
            prop_assert!(CursorToken::decode(&text).is_err());
            prop_assert!(TimeToken::decode(&text).is_err());
        }
    }
}

#[test]
fn tokens_that_were_given_out_stay_valid() {
    let token = CursorToken { stream_id: 0x0102_0304_0506_0708, next: Offset(1_000) };
    let bytes = [1, 8, 7, 6, 5, 4, 3, 2, 1, 0xe8, 3, 0, 0, 0, 0, 0, 0];
    let whole = [bytes.as_slice(), &crc32c::crc32c(&bytes).to_le_bytes()].concat();
    assert_eq!(token.encode(), URL_SAFE_NO_PAD.encode(&whole));
    assert_eq!(CursorToken::decode(&URL_SAFE_NO_PAD.encode(whole)), Ok(token));
}

#[test]
fn a_later_version_is_named() {
    let mut bytes = [0u8; 21];
    bytes[0] = 9;
    assert_eq!(CursorToken::decode(&URL_SAFE_NO_PAD.encode(bytes)), Err(TokenError::Version(9)));
}

#[test]
fn what_is_cut_short_is_refused() {
    let text = by_time([1, 2, 3, 4, 5]).encode();
    for length in 0..text.len() {
        assert!(TimeToken::decode(&text[..length]).is_err(), "{length}");
    }
}
