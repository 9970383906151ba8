//! Where a server is: reads the address forms that people type and gives the URI that the transport wants.

use tonic::transport::Uri;

use crate::error::Error;

/// The port of a Spile server that is named without one.
pub const DEFAULT_PORT: u16 = 50051;

/// Reads `host`, `host:port`, `[ipv6]:port` or `http://host:port`.
pub(crate) fn parse(address: &str) -> Result<Uri, Error> {
    let refuse = |reason: &str| Error::Address { address: address.to_owned(), reason: reason.to_owned() };
    let authority = match address.split_once("://") {
        None => address,
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest.strip_suffix('/').unwrap_or(rest),
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("https") => {
            return Err(refuse("this version does not speak TLS, use http://"));
        }
        Some(_) => return Err(refuse("the scheme must be http://")),
    };
    if authority.contains('@') {
        // The address is not repeated: what stands before the @ may be a password.
        return Err(Error::Address {
            address: "...@...".to_owned(),
            reason: "it must not hold a user name; give a token instead".to_owned(),
        });
    }
    if authority.contains(['/', '?', '#']) {
        return Err(refuse("it must not hold a path"));
    }
    let uri = format!("http://{authority}")
        .parse::<Uri>()
        .map_err(|_| refuse("it is not of the form host:port"))?;
    let host = uri.host().unwrap_or_default();
    if host.is_empty() {
        return Err(refuse("it names no host"));
    }
    if uri.port_u16().is_some() {
        return Ok(uri);
    }
    // A port that is there but was not read is out of range, or text.
    if authority.len() > host.len() {
        return Err(refuse("its port is not a number from 0 to 65535"));
    }
    format!("http://{authority}:{DEFAULT_PORT}")
        .parse()
        .map_err(|_| refuse("it is not of the form host:port"))
}

#[cfg(test)]
mod tests;
