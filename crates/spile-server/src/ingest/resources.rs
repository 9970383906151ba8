//! The resources of an input's lines: what is known of the input, with what lines say laid over it.

use std::sync::Arc;

use spile_engine::ResourceDef;
use spile_lines::{ResourceHints, names};
use spile_proto::v1::KeyValue;

use super::convert::text_attribute;

/// How many different resources of lines are remembered; most inputs have one, a collected file one for each host.
const REMEMBERED: usize = 64;

/// What a line said of where it comes from, as far as it counts for its resource.
#[derive(Debug, PartialEq, Eq)]
struct Hints {
    service_name: Option<String>,
    service_version: Option<String>,
    host_name: Option<String>,
}

impl Hints {
    fn of(hints: &ResourceHints<'_>) -> Self {
        let owned = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().map(str::to_owned);
        Self {
            service_name: owned(&hints.service_name),
            service_version: owned(&hints.service_version),
            host_name: owned(&hints.host_name),
        }
    }

    fn are(&self, hints: &ResourceHints<'_>) -> bool {
        self.service_name.as_deref() == hints.service_name.as_deref()
            && self.service_version.as_deref() == hints.service_version.as_deref()
            && self.host_name.as_deref() == hints.host_name.as_deref()
    }

    fn attributes(&self) -> impl Iterator<Item = KeyValue> {
        let named = [
            (names::SERVICE_NAME, &self.service_name),
            (names::SERVICE_VERSION, &self.service_version),
            (names::HOST_NAME, &self.host_name),
        ];
        named.into_iter().filter_map(|(key, text)| Some(text_attribute(key, text.as_deref()?)))
    }
}

/// Makes the resources of lines, each once.
#[derive(Debug)]
pub(crate) struct Resources {
    base: Vec<KeyValue>,
    /// `None` when nothing is known of the input.
    plain: Option<Arc<ResourceDef>>,
    /// The one used last comes first.
    remembered: Vec<(Hints, Arc<ResourceDef>)>,
}

impl Resources {
    /// Resources over what is known of the input.
    pub(crate) fn new(base: Vec<KeyValue>) -> Self {
        let plain = (!base.is_empty()).then(|| ResourceDef::new(base.clone()));
        Self { base, plain, remembered: Vec::new() }
    }

    /// The resource of a line.
    pub(crate) fn of(&mut self, hints: &ResourceHints<'_>) -> Option<&Arc<ResourceDef>> {
        if hints.service_name.is_none() && hints.service_version.is_none() && hints.host_name.is_none() {
            return self.plain.as_ref();
        }
        match self.remembered.iter().position(|(known, _)| known.are(hints)) {
            Some(0) => {}
            Some(at) => self.remembered[..=at].rotate_right(1),
            None => {
                let hints = Hints::of(hints);
                // Of equal keys the last counts: what the line says.
                let resource =
                    ResourceDef::new(self.base.iter().cloned().chain(hints.attributes()).collect());
                self.remembered.truncate(REMEMBERED - 1);
                self.remembered.insert(0, (hints, resource));
            }
        }
        self.remembered.first().map(|(_, resource)| resource)
    }
}
