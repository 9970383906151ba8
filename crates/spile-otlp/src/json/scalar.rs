//! Single values of JSON as protobuf fields.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use spile_columns::wire::{put_bytes, put_fixed32, put_fixed64, put_uint};

use super::schema::{FieldSpec, Kind};

const ANY_PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, ANY_PADDING);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, ANY_PADDING);

/// Appends a truth value; `false` when the field has another type.
pub(super) fn put_bool(field: &FieldSpec, truth: bool, out: &mut Vec<u8>) -> bool {
    let fits = matches!(field.kind, Kind::Bool) && !field.repeated;
    if fits {
        put_uint(out, field.number, truth.into());
    }
    fits
}

/// Appends a whole number.
pub(super) fn put_whole(field: &FieldSpec, number: i128, out: &mut Vec<u8>) -> Result<(), String> {
    let wrong = || format!("must be {}, not {number}", field.kind.expected());
    match field.kind {
        Kind::Int64 => put_uint(out, field.number, i64::try_from(number).map_err(|_| wrong())? as u64),
        // A negative number is ten bytes, as protobuf has it.
        Kind::Enum => {
            put_uint(out, field.number, i64::from(i32::try_from(number).map_err(|_| wrong())?) as u64);
        }
        Kind::Uint32 => put_uint(out, field.number, u32::try_from(number).map_err(|_| wrong())?.into()),
        Kind::Fixed32 => put_fixed32(out, field.number, u32::try_from(number).map_err(|_| wrong())?),
        Kind::Fixed64 => put_fixed64(out, field.number, u64::try_from(number).map_err(|_| wrong())?),
        Kind::Double => put_fixed64(out, field.number, (number as f64).to_bits()),
        Kind::Text | Kind::Bool | Kind::Hex | Kind::Base64 | Kind::Message(_) => return Err(wrong()),
    }
    Ok(())
}

/// Appends a floating-point number; one without a fraction is a whole number, too.
pub(super) fn put_float(field: &FieldSpec, number: f64, out: &mut Vec<u8>) -> Result<(), String> {
    if let Kind::Double = field.kind {
        put_fixed64(out, field.number, number.to_bits());
        return Ok(());
    }
    // Beyond 2^64 no field takes it, and below a float converts exactly.
    if number.fract() == 0.0 && number.abs() < 2f64.powi(64) {
        return put_whole(field, number as i128, out);
    }
    Err(format!("must be {}, not {number}", field.kind.expected()))
}

/// Appends what a text says.
pub(super) fn put_text(field: &FieldSpec, text: &str, out: &mut Vec<u8>) -> Result<(), String> {
    let wrong = || {
        let shown = &text[..text.floor_char_boundary(64)];
        format!("must be {}, not {shown:?}", field.kind.expected())
    };
    match field.kind {
        Kind::Text => put_bytes(out, field.number, text.as_bytes()),
        Kind::Hex => put_bytes(out, field.number, &hexadecimal(text).ok_or_else(wrong)?),
        Kind::Base64 => {
            let bytes = BASE64.decode(text).or_else(|_| BASE64_URL.decode(text)).map_err(|_| wrong())?;
            put_bytes(out, field.number, &bytes);
        }
        Kind::Double => {
            let number = match text {
                "NaN" => f64::NAN,
                "Infinity" => f64::INFINITY,
                "-Infinity" => f64::NEG_INFINITY,
                text => text.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(wrong)?,
            };
            put_fixed64(out, field.number, number.to_bits());
        }
        Kind::Int64 | Kind::Uint32 | Kind::Fixed32 | Kind::Fixed64 | Kind::Enum => {
            let number = text.parse::<i128>().map_err(|_| wrong())?;
            put_whole(field, number, out).map_err(|_| wrong())?;
        }
        Kind::Bool | Kind::Message(_) => return Err(wrong()),
    }
    Ok(())
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| (byte as char).to_digit(16).map(|digit| digit as u8);
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?)).collect()
}
