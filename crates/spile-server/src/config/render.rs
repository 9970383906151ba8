//! The configuration file that `--init-config` prints: every setting, explained, at its default.

use std::fmt::Write;

use super::setting::{Kind, Setting};
use super::table;

/// Comments are broken before this column.
const WIDTH: usize = 100;

/// The file, as text.
pub(super) fn file() -> String {
    let mut out = String::new();
    comment(
        "Settings of spile-server, each at its default. Lines may be removed: what is missing has its default. \
         A flag (--data-dir) or an environment variable (SPILE_DATA_DIR) wins over this file.",
        &mut out,
    );
    for section in table::SECTIONS {
        let heading = section.heading;
        write!(out, "\n# {heading}\n# {}\n", "-".repeat(heading.len()))
            .expect("a String takes what is written");
        for setting in section.settings {
            out.push('\n');
            render_setting(setting, &mut out);
        }
    }
    out
}

fn render_setting(setting: &Setting, out: &mut String) {
    comment(setting.help, out);
    if !setting.bounds().is_empty() {
        comment(&format!("Permitted: {}.", setting.bounds()), out);
    }
    writeln!(out, "{} = {}", setting.name, default_value(setting)).expect("a String takes what is written");
}

/// The default in TOML. Every default is plain ASCII without quotes or backslashes.
fn default_value(setting: &Setting) -> String {
    match setting.kind {
        Kind::List(_) => "[]".into(),
        Kind::Switch(_) | Kind::Count(..) => setting.default.into(),
        _ => format!("\"{}\"", setting.default),
    }
}

/// Writes `text` as comment lines, broken at spaces.
fn comment(text: &str, out: &mut String) {
    let mut column = WIDTH;
    for word in text.split_whitespace() {
        if column + 1 + word.len() > WIDTH {
            if !out.is_empty() && !out.ends_with('\n') {
                out.push('\n');
            }
            out.push('#');
            column = 1;
        }
        out.push(' ');
        out.push_str(word);
        column += 1 + word.len();
    }
    out.push('\n');
}
