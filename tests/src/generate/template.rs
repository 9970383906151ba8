//! Lines with places to be filled: `took {ms} ms` is a text, a place, a text.

/// What a place is filled with. `fill` says how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Agent,
    Block,
    Bytes,
    Code4,
    Code5,
    Disk,
    File,
    Frames,
    Hex8,
    Host,
    Ip,
    Job,
    Method,
    Ms,
    N,
    N2,
    Order,
    Path,
    Percent,
    Pid,
    Pod,
    Port,
    Request,
    Sku,
    Small,
    Table,
    Thread,
    Topic,
    User,
    Uuid,
}

/// The places by the names that templates give them.
const PLACES: &[(&str, Place)] = &[
    ("agent", Place::Agent),
    ("block", Place::Block),
    ("bytes", Place::Bytes),
    ("code4", Place::Code4),
    ("code5", Place::Code5),
    ("disk", Place::Disk),
    ("file", Place::File),
    ("frames", Place::Frames),
    ("hex8", Place::Hex8),
    ("host", Place::Host),
    ("ip", Place::Ip),
    ("job", Place::Job),
    ("method", Place::Method),
    ("ms", Place::Ms),
    ("n", Place::N),
    ("n2", Place::N2),
    ("order", Place::Order),
    ("path", Place::Path),
    ("percent", Place::Percent),
    ("pid", Place::Pid),
    ("pod", Place::Pod),
    ("port", Place::Port),
    ("req", Place::Request),
    ("sku", Place::Sku),
    ("small", Place::Small),
    ("table", Place::Table),
    ("thread", Place::Thread),
    ("topic", Place::Topic),
    ("user", Place::User),
    ("uuid", Place::Uuid),
];

/// A part of a line.
#[derive(Clone, Copy, Debug)]
pub(super) enum Piece {
    Text(&'static str),
    Place(Place),
}

/// A line with places.
#[derive(Clone, Debug)]
pub(super) struct Template(Vec<Piece>);

impl Template {
    /// Reads a line. Braces around anything that is no place's name stand for themselves, as in JSON.
    pub(super) fn parse(line: &'static str) -> Self {
        let mut pieces = Vec::new();
        let (mut rest, mut from) = (line, 0);
        while let Some(open) = rest[from..].find('{').map(|at| at + from) {
            let place = rest[open + 1..].find('}').and_then(|length| {
                let name = &rest[open + 1..open + 1 + length];
                PLACES.iter().find(|(known, _)| *known == name).map(|(_, place)| (*place, length))
            });
            let Some((place, length)) = place else {
                from = open + 1;
                continue;
            };
            if open > 0 {
                pieces.push(Piece::Text(&rest[..open]));
            }
            pieces.push(Piece::Place(place));
            (rest, from) = (&rest[open + length + 2..], 0);
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest));
        }
        Self(pieces)
    }

    pub(super) fn pieces(&self) -> &[Piece] {
        &self.0
    }
}
