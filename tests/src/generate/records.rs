//! The records, one after the other.

use spile_proto::v1::{AnyValue, KeyValue, LogRecord, Resource, any_value::Value};

use super::attributes;
use super::fill::{self, Line, fill};
use super::needles::{self, Needle};
use super::own_lines;
use super::random::Random;
use super::services::{self, HOSTS, SERVICES, Service};
use super::shared_lines::{self, SEVERITIES};
use super::template::Template;

/// When the first record is written: 1 November 2026, in nanoseconds.
const START_UNIX_NANO: u64 = 1_793_491_200_000_000_000;

/// From one record to the next there is up to twice this, nanoseconds: four records a millisecond.
const MEAN_STEP_NANOS: u64 = 250_000;

/// Records come up to so much later than others that happened at their time, nanoseconds: so far do times go back.
const JITTER_NANOS: u64 = 3_000_000;

/// The place of INFO in [`SEVERITIES`].
const INFO: usize = 2;

const WITH_ATTRIBUTES_PER_MILLION: u64 = 300_000;
const WITH_TRACE_PER_MILLION: u64 = 200_000;

/// A record, and what a reader of its JSON form wants to know beside.
#[derive(Clone, Debug, Default)]
pub struct Generated {
    /// The record. `resource_hash` is the number of its [`Records::resources`], from 1.
    pub record: LogRecord,
    /// The request id that stands in its body, and in no other body.
    pub request_id: u64,
    /// Which service wrote it: its place in [`SERVICES`].
    pub service: usize,
}

/// What a service can write.
struct Voice {
    service: &'static Service,
    /// By severity, in the order of [`SEVERITIES`].
    lines: [Vec<Template>; 5],
    /// What is planted, and how many times in a million INFO records.
    needle: Option<(Template, u64)>,
    /// The number of the resource of its first pod.
    first_pod: usize,
}

/// An endless sequence of records that its seed alone decides.
pub struct Records {
    random: Random,
    voices: Vec<Voice>,
    resources: Vec<Resource>,
    pods: Vec<String>,
    clock: u64,
    written: u64,
}

impl Records {
    /// The sequence of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut records = Self {
            random: Random::new(seed),
            voices: Vec::new(),
            resources: Vec::new(),
            pods: Vec::new(),
            clock: START_UNIX_NANO,
            written: 0,
        };
        for service in SERVICES {
            let first_pod = records.resources.len();
            records.voices.push(Voice {
                service,
                lines: lines(service),
                needle: needle(service).map(|needle| (Template::parse(needle.line), per_million(needle))),
                first_pod,
            });
            for pod in 0..service.pods {
                records.deploy(service, pod);
            }
        }
        records
    }

    /// Makes a pod of a service: its name and its resource.
    fn deploy(&mut self, service: &Service, pod: u64) {
        let number = self.resources.len() as u64;
        let mut name = format!("{}-", service.name);
        // Names of pods do not depend on the seed: they are the same in every run, as hosts are.
        let mut names = Random::new(number);
        fill::hex(&mut name, names.bits(), 9);
        name.push('-');
        fill::number(&mut name, pod);
        // Seven is prime to the number of hosts: pods fill all hosts in turn.
        let host = fill::host(number * 7 % HOSTS);
        let attributes = [
            ("host.name", host.as_str()),
            ("k8s.namespace.name", service.namespace),
            ("k8s.pod.name", &name),
            ("service.name", service.name),
        ];
        let attributes = attributes.map(|(key, value)| text(key, value)).to_vec();
        self.resources.push(Resource { hash: number + 1, attributes });
        self.pods.push(name);
    }

    /// All resources that records name.
    #[must_use]
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// Makes the next record in place of the one in `out`, whose memory is used again.
    pub fn fill_next(&mut self, out: &mut Generated) {
        let random = &mut self.random;
        let service = service(random);
        let voice = &self.voices[service];
        let severity = severity(random);
        let (severity_number, severity_text, _) = SEVERITIES[severity];
        let needle = voice.needle.as_ref().filter(|_| severity == INFO);
        let line = match needle {
            Some((line, per_million)) if random.chance(*per_million) => line,
            _ => &voice.lines[severity][random.skewed(voice.lines[severity].len())],
        };
        let pod = voice.first_pod + random.below(voice.service.pods) as usize;
        let request_id = random.bits();
        let about = Line { request: request_id, pod: &self.pods[pod], moment: self.written };
        fill(&mut out.record.body, line, &about, random);

        self.written += 1;
        self.clock += random.below(2 * MEAN_STEP_NANOS);
        let record = &mut out.record;
        record.time_unix_nano = self.clock + random.below(JITTER_NANOS);
        record.severity_number = severity_number;
        record.severity_text.clear();
        record.severity_text.push_str(severity_text);
        record.resource_hash = pod as u64 + 1;
        record.attributes.clear();
        if random.chance(WITH_ATTRIBUTES_PER_MILLION) {
            record.attributes = attributes::draw(voice.service.kind, random);
        }
        record.trace_id.clear();
        record.span_id.clear();
        if random.chance(WITH_TRACE_PER_MILLION) {
            record.trace_id.extend_from_slice(&random.bits().to_be_bytes());
            record.trace_id.extend_from_slice(&random.bits().to_be_bytes());
            record.span_id.extend_from_slice(&random.bits().to_be_bytes());
        }
        (out.request_id, out.service) = (request_id, service);
    }
}

impl Iterator for Records {
    type Item = Generated;

    fn next(&mut self) -> Option<Generated> {
        let mut out = Generated::default();
        self.fill_next(&mut out);
        Some(out)
    }
}

/// Draws a service by volume.
fn service(random: &mut Random) -> usize {
    let mut left = random.below(services::total_volume());
    (0..SERVICES.len() - 1)
        .find(|at| {
            let volume = services::volume(*at);
            let found = left < volume;
            left = left.saturating_sub(volume);
            found
        })
        .unwrap_or(SERVICES.len() - 1)
}

/// Draws a severity by its share: its place in [`SEVERITIES`].
fn severity(random: &mut Random) -> usize {
    let mut left = random.below(1000);
    let mut at = 0;
    while left >= SEVERITIES[at].2 {
        left -= SEVERITIES[at].2;
        at += 1;
    }
    at
}

/// All lines of a service, in the order of [`SEVERITIES`].
fn lines(service: &Service) -> [Vec<Template>; 5] {
    let parsed = |lines: &[&'static str]| lines.iter().map(|line| Template::parse(line)).collect::<Vec<_>>();
    let mut lines = shared_lines::of(service.kind).by_severity().map(parsed);
    lines[INFO].splice(0..0, parsed(own_lines::of(service.name)));
    lines
}

fn needle(service: &Service) -> Option<&'static Needle> {
    [&needles::WORD_LINE, &needles::SUBSTRING_LINE]
        .into_iter()
        .find(|needle| needle.services.contains(&service.name))
}

/// How many times in a million INFO records of its services a line is planted, to be planted as often as
/// [`needles::PER_MILLION`] says in all records.
fn per_million(needle: &Needle) -> u64 {
    let volumes = (0..SERVICES.len()).filter(|at| needle.services.contains(&SERVICES[*at].name));
    let volume: u64 = volumes.map(services::volume).sum();
    needles::PER_MILLION * services::total_volume() * 1000 / (volume * SEVERITIES[INFO].2)
}

fn text(key: &str, value: &str) -> KeyValue {
    let value = Some(AnyValue { value: Some(Value::StringValue(value.to_owned())) });
    KeyValue { key: key.to_owned(), value }
}
