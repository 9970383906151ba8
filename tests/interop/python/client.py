"""A client of the article's contract in Python: grpcio, with code generated from proto/example/log_service.proto.

Usage: client.py ADDRESS FILE...

The files are those that were pushed to the server, in that order. Prints TAP.
"""

import re
import sys
import time
import traceback

import google_crc32c
import grpc
from example import log_service_pb2 as pb
from example import log_service_pb2_grpc as pb_grpc

# Lines whose severity is plain to see: log4j's layout.
LOG4J = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (?:- )?(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b")
SEVERITIES = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]


def read_lines(paths):
    """The lines of the files, without their ends."""
    lines = []
    for path in paths:
        with open(path, "rb") as file:
            text = file.read().decode("utf-8")
        found = text.split("\n")
        if found[-1] == "":
            found.pop()
        lines += [line.removesuffix("\r") for line in found]
    return lines


def severity(line):
    """The severity of a line in log4j's layout, else None."""
    match = LOG4J.match(line)
    return match and match.group(1)


class Client:
    def __init__(self, address, files):
        self.channel = grpc.insecure_channel(address)
        self.stub = pb_grpc.LogServiceStub(self.channel)
        self.lines = read_lines(files)

    def get(self, level=""):
        """Messages of GetLogs."""
        return [entry.message for entry in self.stub.GetLogs(pb.LogRequest(level=level), timeout=60)]

    def error(self, call):
        """The error that a call ends with, once what it streams has been read."""
        try:
            entries = list(call)
        except grpc.RpcError as error:
            return error
        raise AssertionError(f"expected an error, got {len(entries)} entries and OK")

    # The checks, in order. Each returns its figures.

    def every_line_comes_back_in_order(self):
        entries = list(self.stub.GetLogs(pb.LogRequest(), timeout=60))
        assert len(entries) == len(self.lines), f"{len(entries)} entries for {len(self.lines)} lines"
        for index, (entry, line) in enumerate(zip(entries, self.lines)):
            assert entry.message == line, f"entry {index} is {entry.message!r}, the line is {line!r}"
            assert entry.timestamp > 0, f"entry {index} has the time {entry.timestamp}"
        return f"{len(entries)} entries"

    def level_means_this_severity_or_worse(self):
        figures = []
        for level in ["WARN", "ERROR"]:
            wanted = SEVERITIES[SEVERITIES.index(level):]
            expected = [line for line in self.lines if severity(line) in wanted]
            got = self.get(level)
            assert [line for line in got if severity(line)] == expected, f"log4j lines of {level} differ"
            remaining = iter(self.lines)
            assert all(line in remaining for line in got), f"{level}: not a part of the lines in their order"
            assert len(got) < len(self.lines), f"{level} filters nothing"
            figures.append(f"{level}: {len(got)}, of log4j {len(expected)}")
        return "; ".join(figures)

    def level_names_have_aliases_in_any_case(self):
        error = self.get("error")
        for alias in ["ERROR", "Err", "error"]:
            assert self.get(alias) == error, f"{alias} differs from error"
        return f"{len(error)} entries"

    def headers_come_before_the_first_message(self):
        ids = []
        for _ in range(2):
            call = self.stub.GetLogs(pb.LogRequest(), timeout=60)
            headers = dict(call.initial_metadata())
            call.cancel()
            assert headers.get("spile-start-cursor"), f"no start cursor in {headers}"
            ids.append(headers.get("spile-request-id"))
        assert all(ids) and ids[0] != ids[1], f"request ids: {ids}"
        return f"request id {ids[0]}"

    def trailers_close_the_stream_with_a_checksum(self):
        call = self.stub.GetLogs(pb.LogRequest(level="warn"), timeout=60)
        checksum, count = google_crc32c.Checksum(), 0
        for entry in call:
            checksum.update(entry.message.encode() + b"\n")
            count += 1
        trailers = dict(call.trailing_metadata())
        assert call.code() == grpc.StatusCode.OK
        assert trailers["spile-records"] == str(count), f"{trailers} for {count} entries"
        assert int(trailers["spile-scanned"]) >= count, f"{trailers} for {count} entries"
        assert trailers["spile-end-reason"] == "end-of-history", trailers
        assert trailers["spile-cursor"], trailers
        expected = checksum.digest().hex()
        assert trailers["spile-checksum"] == expected, f"{trailers}, recomputed {expected}"
        return f"{count} entries, checksum {expected}"

    def bad_level_is_invalid_argument(self):
        error = self.error(self.stub.GetLogs(pb.LogRequest(level="loud"), timeout=60))
        assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, error
        assert "level" in error.details() and "loud" in error.details(), error.details()
        return error.details()

    def deadline_ends_a_follow(self):
        started, entries = time.monotonic(), 0
        try:
            for _ in self.stub.StreamLogs(pb.LogRequest(level="error"), timeout=1):
                entries += 1
        except grpc.RpcError as error:
            took = time.monotonic() - started
            assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED, error
        else:
            raise AssertionError("a follow ended with OK")
        assert 0.9 < took < 5, f"ended after {took:.2f} s"
        assert entries == len(self.get("error")), f"{entries} entries before the deadline"
        return f"{entries} entries, then DEADLINE_EXCEEDED after {took:.2f} s"

    def cancelling_a_follow_leaves_the_server_well(self):
        call = self.stub.StreamLogs(pb.LogRequest(), timeout=60)
        first = next(call)
        call.cancel()
        assert first.message == self.lines[0]
        assert self.error(call).code() == grpc.StatusCode.CANCELLED
        assert len(self.get()) == len(self.lines)
        return "cancelled after 1 entry"

    def unknown_methods_are_unimplemented(self):
        for path in ["/example.LogService/MadeUp", "/example.NoService/GetLogs"]:
            call = self.channel.unary_stream(path, pb.LogRequest.SerializeToString, pb.LogEntry.FromString)
            error = self.error(call(pb.LogRequest(), timeout=60))
            assert error.code() == grpc.StatusCode.UNIMPLEMENTED, f"{path}: {error}"
        return "method and service"


CHECKS = [
    Client.every_line_comes_back_in_order,
    Client.level_means_this_severity_or_worse,
    Client.level_names_have_aliases_in_any_case,
    Client.headers_come_before_the_first_message,
    Client.trailers_close_the_stream_with_a_checksum,
    Client.bad_level_is_invalid_argument,
    Client.deadline_ends_a_follow,
    Client.cancelling_a_follow_leaves_the_server_well,
    Client.unknown_methods_are_unimplemented,
]


def main():
    client = Client(sys.argv[1], sys.argv[2:])
    failed = 0
    print(f"TAP version 14\n1..{len(CHECKS)}")
    for number, check in enumerate(CHECKS, 1):
        name = check.__name__.replace("_", " ")
        try:
            print(f"ok {number} - {name} # {check(client)}", flush=True)
        except Exception:
            failed += 1
            why = traceback.format_exc().replace("\n", "\n# ")
            print(f"not ok {number} - {name}\n# {why}", flush=True)
    return 1 if failed else 0


sys.exit(main())
