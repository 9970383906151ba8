// Which stream is read.
import { useEffect, useState } from "preact/hooks";
import { client, failureOf } from "../api/client";
import type { StreamInfo } from "../generated/spile/v1/read_pb";
import { listStreams } from "../model/catalog";
import { show, view } from "../state/store";
import { bytes, short } from "../text/numbers";
import { visibleText } from "../text/glyphs";
import { Icon } from "./Icon";
import { Menu } from "./Menu";

export function StreamPicker() {
  const name = view.value.stream || "default";
  return (
    <Menu label={`Stream: ${visibleText(name)}`} text={visibleText(name)} icon="lines">
      {(close) => <Streams current={name} close={close} />}
    </Menu>
  );
}

function Streams({ current, close }: { current: string; close: () => void }) {
  const [streams, setStreams] = useState<StreamInfo[] | null>(null);
  const [error, setError] = useState("");
  const [sought, setSought] = useState("");

  useEffect(() => {
    const call = new AbortController();
    listStreams(client, call.signal).then(setStreams, (thrown) => {
      if (!call.signal.aborted) setError(failureOf(thrown).text);
    });
    return () => call.abort();
  }, []);

  const choose = (name: string): void => {
    show({ stream: name === "default" ? "" : name, services: [] });
    close();
  };
  const found = (streams ?? []).filter((stream) => stream.name.toLowerCase().includes(sought.trim().toLowerCase()));
  return (
    <>
      <input
        class="field"
        type="text"
        placeholder="Find a stream"
        aria-label="Find a stream"
        value={sought}
        data-autofocus
        data-stop
        onInput={(input) => setSought(input.currentTarget.value)}
        onKeyDown={(key) => {
          if (key.key === "Enter" && found[0] !== undefined) choose(found[0].name);
        }}
      />
      <ul class="choices">
        {found.map((stream) => (
          <li key={stream.name}>
            <button type="button" class="choice" data-stop aria-current={stream.name === current} onClick={() => choose(stream.name)}>
              <span class="tick">{stream.name === current && <Icon name="check" />}</span>
              <span class="grow">{visibleText(stream.name)}</span>
              <span class="count" title="records · on disk">
                {short(Number(stream.records))} · {bytes(Number(stream.storedBytes))}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {streams === null && error === "" && <p class="note">Asking for streams…</p>}
      {error !== "" && <p class="note wrong">{error}</p>}
      {streams !== null && found.length === 0 && <p class="note">No stream has this name.</p>}
    </>
  );
}
