//! spile-lines
mod cri;
mod dispatch;
mod escape;
mod fields;
mod formats;
mod level;
pub mod names;
mod parsed;
mod parser;
mod scan;
pub mod severity;
mod split;
mod time;
mod trace;
mod value;

pub use cri::{Assembled, CriAssembler, CriLine, Rewind, Stream};
pub use escape::{escape, unescape};
pub use parsed::{BodyKind, Format, ParsedLine, ResourceHints, Wrapper};
pub use parser::{DEFAULT_MAX_ESCAPED_BYTES, LineParser};
pub use severity::{SEVERITY_NAMES, severity_from_name, severity_name};
pub use split::{DEFAULT_MAX_LINE_BYTES, Line, LineSplitter, cut_mark};
pub use time::{InvalidOffset, UtcOffset};
pub use value::{Attribute, Value};
