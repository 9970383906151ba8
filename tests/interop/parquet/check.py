"""Reads the segment files of a real server with DuckDB and with pyarrow, and compares them with what was sent.

Usage: check.py ADDRESS DATA_FOLDER

Sends records, has the server seal them, then looks at its files. Prints TAP.
"""

import base64
import collections
import datetime
import json
import pathlib
import sys
import traceback

import duckdb
import grpc
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from spile.v1 import admin_pb2, admin_pb2_grpc, record_pb2, write_pb2, write_pb2_grpc

import records

STREAM = "parquet"
BATCH = 1_000


def as_json(python):
    """What an attribute is in the JSON of a file: bytes are base64."""
    match python:
        case bytes():
            return base64.b64encode(python).decode()
        case list():
            return [as_json(each) for each in python]
        case dict():
            return {key: as_json(each) for key, each in python.items()}
    return python


def typed(python):
    """Values with their types, so that 2 and 2.0 differ."""
    match python:
        case list():
            return [typed(each) for each in python]
        case dict():
            return {key: typed(each) for key, each in python.items()}
    return type(python).__name__, python


def requests(sent):
    for first in range(0, len(sent), BATCH):
        batch = record_pb2.RecordBatch(records=[records.message(one) for one in sent[first : first + BATCH]])
        batch.resources.extend(records.resource(service) for service in records.SERVICES)
        yield write_pb2.AppendRequest(stream=STREAM, sequence=first + 1, batch=batch)


def fill(address, sent):
    """Appends all records, then has them sealed."""
    with grpc.insecure_channel(address) as channel:
        acks = write_pb2_grpc.WriteServiceStub(channel).Append(requests(sent), timeout=120)
        stored = sum(ack.records for ack in acks)
        assert stored == len(sent), f"{stored} records are stored"
        admin = admin_pb2_grpc.AdminServiceStub(channel)
        sealed = admin.SealStream(admin_pb2.SealStreamRequest(stream=STREAM), timeout=120)
        assert sealed.sealed_to == len(sent), f"sealed to {sealed.sealed_to}"


class Files:
    def __init__(self, address, folder):
        self.sent = list(records.sent())
        fill(address, self.sent)
        self.paths = sorted(str(path) for path in pathlib.Path(folder, "streams", STREAM).rglob("*.parquet"))
        assert self.paths, f"no *.parquet below {folder}"
        self.duck = duckdb.connect()
        # As docs/data.md says it: times of nanoseconds have few functions, those of microseconds all.
        self.duck.execute(
            f"CREATE VIEW exact AS SELECT * FROM read_parquet({self.paths});"
            "CREATE VIEW logs AS SELECT * REPLACE (time::TIMESTAMPTZ AS time) FROM exact;"
        )

    def ask(self, query, *parameters):
        return self.duck.execute(query, parameters).fetchall()

    def expect(self, got, expected):
        """Compares rows, and tells the first difference."""
        assert len(got) == len(expected), f"{len(got)} rows, expected {len(expected)}"
        for index, (one, other) in enumerate(zip(got, expected)):
            assert one == other, f"row {index} is {one!r}, expected {other!r}"
        return f"{len(got)} rows"

    # The checks, in order. Each returns its figures.

    def duckdb_sees_every_offset_once(self):
        [(rows, distinct, lowest, highest)] = self.ask(
            'SELECT count(*), count(DISTINCT "offset"), min("offset"), max("offset") FROM logs'
        )
        expected = len(self.sent)
        assert (rows, distinct, lowest, highest) == (expected, expected, 0, expected - 1), (rows, distinct, lowest, highest)
        return f"{rows} rows in {len(self.paths)} files"

    def duckdb_reads_bodies_and_times_as_they_were_sent(self):
        got = self.ask(
            "SELECT body, epoch_ns(time), epoch_ns(observed_time), severity_number, severity_text, service_name, body_kind"
            ' FROM exact ORDER BY "offset"'
        )
        row = lambda one: (one.body, one.time, one.time + 1, one.severity, records.SEVERITIES[one.severity], one.service)
        return self.expect(got, [(*row(one), 1 if one.json_body else None) for one in self.sent])

    def duckdb_counts_severities(self):
        got = self.ask("SELECT severity_number, count(*) FROM logs GROUP BY ALL ORDER BY ALL")
        return self.expect(got, sorted(collections.Counter(one.severity for one in self.sent).items()))

    def duckdb_filters_by_service_and_severity(self):
        got = self.ask(
            'SELECT "offset", body FROM logs WHERE service_name = ? AND severity_number >= 17 ORDER BY "offset"', "支付"
        )
        wanted = [one for one in self.sent if one.service == "支付" and one.severity >= 17]
        return self.expect(got, [(one.offset, one.body) for one in wanted])

    def duckdb_queries_attributes_in_their_json(self):
        got = self.ask(
            """SELECT "offset", (attributes->>'$.duration_ms')::DOUBLE FROM logs
            WHERE (attributes->>'$."http.response.status_code"')::INT >= 500 ORDER BY "offset" """
        )
        wanted = [one for one in self.sent if one.attributes.get("http.response.status_code", 0) >= 500]
        return self.expect(got, [(one.offset, one.attributes["duration_ms"]) for one in wanted])

    def duckdb_tells_whole_numbers_from_doubles(self):
        got = self.ask(
            """SELECT DISTINCT json_type(attributes, '$.duration_ms'), json_type(attributes, '$.big'),
            json_type(attributes, '$."cache.hit"') FROM logs WHERE "offset" % 10 = 0"""
        )
        return self.expect(got, [("DOUBLE", "BIGINT", "BOOLEAN")])

    def duckdb_selects_by_time_in_utc(self):
        minute = datetime.datetime.fromtimestamp(records.START_UNIX_NANO // 10**9, datetime.UTC).replace(second=1)
        wanted = [one for one in self.sent if one.time // 1000 >= int(minute.timestamp()) * 10**6]
        assert 0 < len(wanted) < len(self.sent)
        got = self.ask(f"SELECT count(*) FROM logs WHERE time >= TIMESTAMPTZ '{minute.isoformat()}'")
        self.expect(got, [(len(wanted),)])
        self.duck.execute("SET TimeZone = 'UTC'")
        first = min(one.time for one in self.sent)
        [(text,)] = self.ask("SELECT min(time)::VARCHAR FROM exact")
        assert text.startswith("2026-11-01 00:00:00.") and text.endswith(f"{first % 10**9:09}".rstrip("0") + "+00"), text
        return f"{len(wanted)} from {minute.isoformat()} on; the first at {text}"

    def duckdb_finds_a_trace_by_its_hexadecimal_id(self):
        wanted = [one for one in self.sent if one.trace_id][123]
        got = self.ask("SELECT body, lower(hex(span_id)) FROM logs WHERE trace_id = unhex(?)", wanted.trace_id.hex())
        self.expect(got, [(wanted.body, wanted.span_id.hex())])
        got = self.ask('SELECT lower(hex(trace_id)) FROM logs WHERE trace_id IS NOT NULL ORDER BY "offset"')
        return self.expect(got, [(one.trace_id.hex(),) for one in self.sent if one.trace_id])

    def duckdb_reads_resources(self):
        got = self.ask("SELECT DISTINCT service_name, resource_attributes->>'$.\"host.name\"' FROM logs ORDER BY ALL")
        return self.expect(got, sorted((service, f"host-of-{service}") for service in records.SERVICES))

    def pyarrow_has_the_types_of_the_documents(self):
        schema = pq.read_schema(self.paths[0])
        utc = pa.timestamp("ns", tz="UTC")
        types = {"offset": pa.uint64(), "time": utc, "observed_time": utc, "severity_number": pa.uint8()}
        types |= {"service_name": pa.string(), "body": pa.string(), "attributes": pa.string()}
        types |= {"trace_id": pa.binary(16), "span_id": pa.binary(8), "resource_attributes": pa.string()}
        wrong = {name: schema.field(name).type for name, kind in types.items() if schema.field(name).type != kind}
        assert not wrong, wrong
        return ", ".join(schema.names)

    def pyarrow_reads_what_was_sent(self):
        table = pa.concat_tables(pq.read_table(path) for path in self.paths).sort_by("offset")
        rows = zip(*(table[name].to_pylist() for name in ["offset", "body", "service_name", "trace_id", "span_id"]))
        sent = [(one.offset, one.body, one.service, one.trace_id or None, one.span_id or None) for one in self.sent]
        self.expect(list(rows), sent)
        return self.expect(table["time"].cast(pa.int64()).to_pylist(), [one.time for one in self.sent])

    def pyarrow_gives_attributes_with_their_types(self):
        table = pa.concat_tables(pq.read_table(path, columns=["offset", "attributes"]) for path in self.paths).sort_by("offset")
        got = [typed(json.loads(text)) if text else {} for text in table["attributes"].to_pylist()]
        return self.expect(got, [typed(as_json(one.attributes)) for one in self.sent])

    def pyarrow_datasets_skip_what_statistics_rule_out(self):
        dataset = ds.dataset(self.paths, format="parquet")
        wanted = (ds.field("service_name") == "füllstand") & (ds.field("severity_number") >= 17)
        counted = dataset.count_rows(filter=wanted)
        assert counted == sum(one.service == "füllstand" and one.severity >= 17 for one in self.sent), counted
        groups = [group for fragment in dataset.get_fragments() for group in fragment.row_groups]
        later = pc.scalar(records.START_UNIX_NANO + 10**15).cast(pa.timestamp("ns", tz="UTC"))
        left = [fragment for fragment in dataset.get_fragments(filter=ds.field("time") > later)]
        left = sum(len(fragment.subset(ds.field("time") > later).row_groups) for fragment in left)
        assert len(groups) > 1 and left == 0, f"{left} of {len(groups)} row groups are left"
        return f"{counted} rows, {len(groups)} row groups"


CHECKS = [check for name, check in vars(Files).items() if name.startswith(("duckdb_", "pyarrow_"))]


def main():
    files = Files(*sys.argv[1:])
    failed = 0
    print(f"TAP version 14\n1..{len(CHECKS)}")
    for number, check in enumerate(CHECKS, 1):
        name = check.__name__.replace("_", " ")
        try:
            print(f"ok {number} - {name} # {check(files)}", flush=True)
        except Exception:
            failed += 1
            why = traceback.format_exc().replace("\n", "\n# ")
            print(f"not ok {number} - {name}\n# {why}", flush=True)
    return 1 if failed else 0


sys.exit(main())
