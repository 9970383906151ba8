// What stands around a record in its stream, whatever the filter says.
import { useEffect, useState } from "preact/hooks";
import { client, failureOf } from "../api/client";
import { condition } from "../filter/edit";
import { Resources, rowsOf, type Row } from "../model/row";
import { severityLabel } from "../model/severity";
import { settings } from "../state/settings";
import { show } from "../state/store";
import { clock, type Zone } from "../text/time";
import { Text } from "./Text";

const MOST = 1_000;

export function Context({ row, zone, stream }: { row: Row; zone: Zone; stream: string }) {
  const [lines, setLines] = useState(settings.value.contextLines);
  const [same, setSame] = useState(false);
  const [rows, setRows] = useState<readonly Row[] | null>(null);
  const [error, setError] = useState("");

  useEffect(() => {
    const call = new AbortController();
    const filter = { expression: same ? condition("service.name", row.service) : "" };
    const position = { case: "offset" as const, value: BigInt(row.offset) };
    client.context({ stream, position, before: lines, after: lines + 1, filter }, { signal: call.signal }).then(
      ({ batch }) => {
        setRows(batch === undefined ? [] : rowsOf(batch, "", new Resources()));
        setError("");
      },
      (thrown) => {
        if (!call.signal.aborted) setError(failureOf(thrown).text);
      },
    );
    return () => call.abort();
  }, [lines, same, row.offset, stream]);

  return (
    <section class="context" aria-label="Context">
      <div class="context-bar">
        <span class="note">
          {lines} lines before and after, unfiltered
        </span>
        <button type="button" class="button small" disabled={lines >= MOST} onClick={() => setLines(Math.min(lines * 2, MOST))}>
          More
        </button>
        {row.service !== "" && (
          <label class="check">
            <input type="checkbox" checked={same} onChange={() => setSame(!same)} /> <span class="theirs">Only <Text text={row.service} /></span>
          </label>
        )}
        <button
          type="button"
          class="button small"
          onClick={() => show({ expression: "", levels: [], services: [], since: "", until: "", cursor: "", at: row.offset, open: row.offset })}
        >
          Go there without a filter
        </button>
      </div>
      {error !== "" && <p class="note wrong">{error}</p>}
      {rows === null && error === "" && <p class="note">Reading what stands around it…</p>}
      <ol class="context-lines">
        {(rows ?? []).map((each) => (
          <li key={each.offset} class={`context-line ${each.level}${each.offset === row.offset ? " this" : ""}`}>
            <time class="time">{clock(each.ms, zone)}</time>
            <span class="severity">{severityLabel(each.record.severityNumber)}</span>
            <span class="body theirs">
              <Text text={each.record.body.slice(0, 2_000)} />
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
