"""Records to be sent, in pieces that keep every kind of value: what the checks compare files with."""

import random
from collections import namedtuple

from spile.v1 import record_pb2 as pb

# More than one row group of 32,768 rows.
COUNT = 40_000
START_UNIX_NANO = 1_793_491_200_123_456_789

SERVICES = ["checkout", "füllstand", "支付"]
SEVERITIES = {9: "INFO", 13: "WARN", 17: "ERROR", 5: "DEBUG"}

# A record as a plain tuple: what is compared.
Sent = namedtuple("Sent", "offset time severity service body attributes trace_id span_id json_body")


def value(python):
    """An attribute value of the type that the Python value has."""
    match python:
        case bool():
            return pb.AnyValue(bool_value=python)
        case int():
            return pb.AnyValue(int_value=python)
        case float():
            return pb.AnyValue(double_value=python)
        case str():
            return pb.AnyValue(string_value=python)
        case bytes():
            return pb.AnyValue(bytes_value=python)
        case list():
            return pb.AnyValue(array_value=pb.ArrayValue(values=[value(each) for each in python]))
        case dict():
            return pb.AnyValue(kvlist_value=pb.KeyValueList(values=pairs(python)))
    raise TypeError(f"no attribute can hold {python!r}")


def pairs(python):
    return [pb.KeyValue(key=key, value=value(each)) for key, each in python.items()]


def attributes(offset):
    """Attributes of all types for some records, few for others, none for most."""
    if offset % 10 == 0:
        return {
            "http.response.status_code": 500 if offset % 20 == 0 else 200,
            "duration_ms": float(offset % 7),
            "cache.hit": offset % 3 == 0,
            "user": f"Jürgen \"{offset}\"\n\\ 日本 🪵",
            "big": -(2**63) + offset,
            "nested": {"list": [1, 2.5, "drei", True], "empty": {}},
            "raw": bytes([offset % 256, 255]),
        }
    if offset % 10 == 1:
        return {"offset": offset}
    return {}


def sent():
    """All records, in the order in which they are sent; the same in every run."""
    rng = random.Random(20261122)
    for offset in range(COUNT):
        json_body = offset % 50 == 7
        traced = offset % 5 == 0
        yield Sent(
            offset=offset,
            # Nearly ordered, as times of many writers are.
            time=START_UNIX_NANO + offset * 250_000 + rng.randrange(3_000_000),
            severity=rng.choice(list(SEVERITIES)),
            service=SERVICES[offset % len(SERVICES)],
            body=f'{{"n": {offset}}}' if json_body else f"request {rng.randbytes(8).hex()} took {offset % 977} µs ✓",
            attributes=attributes(offset),
            trace_id=rng.randbytes(16) if traced else b"",
            span_id=rng.randbytes(8) if traced else b"",
            json_body=json_body,
        )


def resource(service):
    """The resource of a service, by the name that records of one call know it by."""
    named = {"host.name": f"host-of-{service}", "service.name": service}
    return pb.Resource(hash=SERVICES.index(service) + 1, attributes=pairs(named))


def message(record):
    return pb.LogRecord(
        time_unix_nano=record.time,
        observed_time_unix_nano=record.time + 1,
        severity_number=record.severity,
        severity_text=SEVERITIES[record.severity],
        body=record.body,
        body_kind=pb.BODY_KIND_JSON if record.json_body else pb.BODY_KIND_UNSPECIFIED,
        attributes=pairs(record.attributes),
        trace_id=record.trace_id,
        span_id=record.span_id,
        resource_hash=SERVICES.index(record.service) + 1,
    )
