//! The options that say which records, as the filter that the server understands.

use spile_client::proto::Filter;

use crate::args::FilterArgs;
use crate::exit::CliError;

/// Makes the filter of a command that reads records.
pub(crate) fn filter(args: &FilterArgs) -> Result<Filter, CliError> {
    Ok(Filter {
        expression: expression(args)?,
        level: args.level.clone().unwrap_or_default(),
        since_unix_nano: args.since.unwrap_or(0),
        until_unix_nano: args.until.unwrap_or(0),
    })
}

/// Expressions and regexes as one expression, in which all must hold.
fn expression(args: &FilterArgs) -> Result<String, CliError> {
    let given = args.expressions.iter().filter(|expression| !expression.trim().is_empty());
    let mut parts: Vec<String> = given.cloned().collect();
    let regexes = args.grep.len() + args.exclude.len();
    if parts.len() + regexes > 1 {
        // One may hold an OR.
        parts = parts.iter().map(|part| format!("({part})")).collect();
    }
    for regex in &args.grep {
        parts.push(format!("body=~{}", quote("--grep", regex)?));
    }
    for regex in &args.exclude {
        parts.push(format!("-body=~{}", quote("--exclude", regex)?));
    }
    Ok(parts.join(" "))
}

/// A regex between quotes. A backslash there belongs to the regex, except before a quote.
fn quote(option: &str, regex: &str) -> Result<String, CliError> {
    let mut quoted = String::with_capacity(regex.len() + 2);
    quoted.push('"');
    let mut characters = regex.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => {
                let Some(next) = characters.next() else {
                    let message = format!("the regex of {option} ends with a backslash that escapes nothing");
                    return Err(CliError::Usage(message));
                };
                quoted.extend(['\\', next]);
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    Ok(quoted)
}

#[cfg(test)]
mod tests;
