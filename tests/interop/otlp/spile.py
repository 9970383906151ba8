"""What a check of a sender needs: records read back from a Spile server, and TAP."""

import json
import traceback
import urllib.parse
import urllib.request


def stored(address, stream):
    """All records of a stream, in order, as `GET /v1/tail` gives them."""
    query = urllib.parse.urlencode({"stream": stream, "from": "oldest", "follow": "false"})
    request = urllib.request.Request(f"http://{address}/v1/tail?{query}", headers={"accept": "application/x-ndjson"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        lines = [json.loads(line) for line in answer]
    assert lines[-1]["end"]["reason"] == "end-of-history", lines[-1]
    return [line for line in lines if "body" in line]


def run(checks):
    """Runs functions one after the other and prints TAP; each returns its figures. Gives the exit code."""
    failed = 0
    print(f"TAP version 14\n1..{len(checks)}", flush=True)
    for number, check in enumerate(checks, 1):
        name = check.__name__.replace("_", " ")
        try:
            print(f"ok {number} - {name} # {check()}", flush=True)
        except Exception:
            failed += 1
            why = traceback.format_exc().replace("\n", "\n# ")
            print(f"not ok {number} - {name}\n# {why}", flush=True)
    return 1 if failed else 0
