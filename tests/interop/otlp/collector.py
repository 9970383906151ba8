"""A real OpenTelemetry Collector in front of a Spile server that is stopped, killed and started again: nothing is lost.

Usage: collector.py COLLECTOR SPILE_SERVER

Both are programs. Prints TAP.
"""

import json
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import spile

COLLECTOR, SPILE_SERVER = sys.argv[1:]
PATIENCE_SECONDS = 90
BATCHES, RECORDS = 120, 50

CONFIG = """
receivers:
  otlp/grpc: {{ protocols: {{ http: {{ endpoint: "127.0.0.1:{into_grpc}" }} }} }}
  otlp/http: {{ protocols: {{ http: {{ endpoint: "127.0.0.1:{into_http}" }} }} }}
exporters:
  otlp:
    endpoint: "{address}"
    tls: {{ insecure: true }}
    compression: zstd
    headers: {{ spile-stream: collector.grpc }}
    sending_queue: {{ queue_size: 10000 }}
    retry_on_failure: {{ initial_interval: 100ms, max_interval: 1s, max_elapsed_time: 0s }}
  otlphttp:
    endpoint: "http://{address}"
    compression: gzip
    headers: {{ spile-stream: collector.http }}
    sending_queue: {{ queue_size: 10000 }}
    retry_on_failure: {{ initial_interval: 100ms, max_interval: 1s, max_elapsed_time: 0s }}
service:
  telemetry: {{ metrics: {{ level: none }} }}
  pipelines:
    logs/grpc: {{ receivers: [otlp/grpc], exporters: [otlp] }}
    logs/http: {{ receivers: [otlp/http], exporters: [otlphttp] }}
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def patiently(what, ready):
    """Asks again and again until the answer is something; neither program tells when it is."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        result = ready()
        if result:
            return result
        assert time.monotonic() < end, f"waited too long for {what}"
        time.sleep(0.05)


class Server:
    """A Spile server that can be started again at the same place."""

    def __init__(self, data):
        self.data = data
        self.address = "127.0.0.1:0"
        self.start()

    def start(self):
        words = ["--listen", self.address, "--admin-listen", "127.0.0.1:0", "--log-format", "json"]
        self.log = open(pathlib.Path(self.data, "log"), "a+")
        start = self.log.tell()
        command = [SPILE_SERVER, *words, "--data-dir", f"{self.data}/data"]
        self.process = subprocess.Popen(command, stderr=self.log, env={})

        def listening():
            assert self.process.poll() is None, "the server did not start"
            with open(self.log.name) as log:
                log.seek(start)
                lines = [json.loads(line) for line in log if line.endswith("\n")]
            return next((line["main"] for line in lines if line["message"] == "listening"), None)

        self.address = patiently("the server", listening)

    def end(self, how):
        self.process.send_signal(how)
        self.process.wait(PATIENCE_SECONDS)
        self.log.close()


def feed(collector, port, batch):
    """Sends a batch to the collector as a client of it would."""
    records = [{"body": {"stringValue": f"batch {batch} record {n}"}} for n in range(RECORDS)]
    request = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}).encode()
    headers = {"content-type": "application/json"}

    def taken():
        assert collector.poll() is None, "the collector has ended"
        try:
            urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/v1/logs", request, headers))
            return True
        except urllib.error.URLError:
            return False

    patiently("the collector", taken)


def check(folder):
    server = Server(folder)
    ports = {"into_grpc": free_port(), "into_http": free_port()}
    config = pathlib.Path(folder, "config.yaml")
    config.write_text(CONFIG.format(address=server.address, **ports))
    collector_log = open(pathlib.Path(folder, "collector.log"), "w")
    collector = subprocess.Popen([COLLECTOR, "--config", f"file:{config}"], stdout=collector_log, stderr=collector_log)
    try:
        for batch in range(BATCHES):
            for port in ports.values():
                feed(collector, port, batch)
            if batch == BATCHES // 4:
                server.end(signal.SIGTERM)
            if batch == BATCHES // 2:
                server.start()
            if batch == BATCHES * 5 // 8:
                server.end(signal.SIGKILL)
            if batch == BATCHES * 7 // 8:
                server.start()
        return [verify(server.address, stream) for stream in ["collector.grpc", "collector.http"]]
    except Exception:
        print(pathlib.Path(collector_log.name).read_text()[-4000:], file=sys.stderr)
        raise
    finally:
        collector.kill()
        collector.wait()
        if server.process.poll() is None:
            server.end(signal.SIGTERM)


def verify(address, stream):
    wanted = {f"batch {batch} record {n}" for batch in range(BATCHES) for n in range(RECORDS)}

    def complete():
        bodies = [record["body"] for record in spile.stored(address, stream)]
        return bodies if wanted <= set(bodies) else None

    bodies = patiently(f"all records of {stream}", complete)
    assert set(bodies) == wanted
    return f"{stream}: {len(wanted)} records, {len(bodies) - len(wanted)} sent twice"


def nothing_is_lost_over_a_drain_and_a_kill():
    with tempfile.TemporaryDirectory() as folder:
        return "; ".join(check(folder))


sys.exit(spile.run([nothing_is_lost_over_a_drain_and_a_kill]))
