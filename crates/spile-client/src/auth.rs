//! What every call carries to say who calls.

use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::{Request, Status};

use crate::error::Error;

/// Adds `authorization: Bearer ...` to each call, when there is a token.
#[derive(Clone, Debug, Default)]
pub(crate) struct Auth {
    authorization: Option<MetadataValue<Ascii>>,
}

impl Auth {
    /// Takes the token as it is, without surrounding white space.
    pub(crate) fn bearer(token: &str) -> Result<Self, Error> {
        // The reason must not repeat the token.
        let refuse = |reason: &str| Error::Setting { setting: "token", reason: reason.to_owned() };
        let token = token.trim();
        if token.is_empty() {
            return Err(refuse("it is empty"));
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refuse("it may hold only visible ASCII characters"));
        }
        let mut value: MetadataValue<Ascii> =
            format!("Bearer {token}").parse().map_err(|_| refuse("it cannot be sent in a header"))?;
        // Hides it from `Debug` and from the table of HTTP/2 header compression.
        value.set_sensitive(true);
        Ok(Self { authorization: Some(value) })
    }
}

impl Interceptor for Auth {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(value) = &self.authorization {
            request.metadata_mut().insert("authorization", value.clone());
        }
        Ok(request)
    }
}
