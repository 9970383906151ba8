// Everything that matches, as a file: the browser reads it from the server, and no page has to hold it.
import { useEffect, useState } from "preact/hooks";
import { client, failureOf } from "../api/client";
import { queryOf, view } from "../state/store";
import { stamp } from "../text/time";
import { plural } from "../text/numbers";
import { Icon } from "./Icon";
import { Sheet } from "./Sheet";

export function Download() {
  const [count, setCount] = useState("Counting…");
  // Settled when the sheet opens: a range that ends now goes on moving otherwise.
  const [query] = useState(() => queryOf(view.peek()));

  useEffect(() => {
    const call = new AbortController();
    const { stream, expression, since, until } = query;
    client.count({ stream, filter: { expression, sinceUnixNano: since, untilUnixNano: until } }, { signal: call.signal }).then(
      ({ records }) => setCount(`${plural(Number(records), "record")} ${records === 1n ? "matches" : "match"} now.`),
      (thrown) => {
        if (!call.signal.aborted) setCount(failureOf(thrown).text);
      },
    );
    return () => call.abort();
  }, []);

  return (
    <Sheet title="Download what matches" narrow>
      <p>{count}</p>
      <p class="note">One JSON object a line, in the order of the stream. The server writes it as fast as the browser takes it.</p>
      <a class="button primary" href={downloadUrl(query)} download={`${query.stream || "default"}.ndjson`}>
        <Icon name="download" /> Download NDJSON
      </a>
    </Sheet>
  );
}

interface Wanted {
  readonly stream: string;
  readonly expression: string;
  readonly since: bigint;
  readonly until: bigint;
}

export function downloadUrl({ stream, expression, since, until }: Wanted): string {
  const query = new URLSearchParams();
  if (stream !== "") query.set("stream", stream);
  if (expression !== "") query.set("q", expression);
  if (since !== 0n) query.set("since", stamp(Number(since / 1_000_000n)));
  if (until !== 0n) query.set("until", stamp(Number(until / 1_000_000n)));
  query.set("follow", "false");
  return `/v1/tail?${query.toString()}`;
}
