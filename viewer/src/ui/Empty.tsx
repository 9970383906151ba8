// What stands in place of lines when there are none: why, and what can be done.
import { useEffect, useState } from "preact/hooks";
import { Code } from "../api/client";
import { reader, show, view } from "../state/store";
import { visibleText } from "../text/glyphs";
import { whole } from "../text/numbers";
import { copy } from "./copy";
import { Icon } from "./Icon";
import { isFilterProblem } from "./SearchBox";

/** Reading that takes no longer than this is not worth a word. */
const QUIET_MS = 350;

export function Empty() {
  const at = reader.value;
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    const timer = setTimeout(() => setLate(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, [at]);

  if (at.version.value >= 0 && at.window.length > 0 && at.phase.value !== "failed") return null;
  const failure = at.failure.value;
  if (failure?.code === Code.NotFound) return <Nothing stored={false} />;
  if (at.phase.value === "failed" && failure !== null) return <Failed text={failure.text} />;
  if (failure !== null) {
    return (
      <Message title="The server does not answer">
        <p>It is asked again every few seconds. {failure.text}</p>
      </Message>
    );
  }
  if (at.phase.value === "loading" || at.older.value === "loading") {
    if (!late) return null;
    const scanned = at.scanned.value;
    return (
      <Message title="Reading…">
        <p>{scanned === 0 ? "The newest matches come first." : `${whole(scanned)} records were looked at; none matches so far.`}</p>
      </Message>
    );
  }
  return filtered() ? <NoMatch /> : <Nothing stored />;
}

function filtered(): boolean {
  const { expression, levels, services, since, until } = view.value;
  return expression !== "" || levels.length > 0 || services.length > 0 || since !== "" || until !== "";
}

function Message({ title, children }: { title: string; children: preact.ComponentChildren }) {
  return (
    <div class="empty" role="status">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

function NoMatch() {
  const { expression, levels, services, since, until } = view.value;
  const live = reader.value.live.value !== "off";
  return (
    <Message title="No record matches">
      <p>{live ? "New matches appear here by themselves." : "The time range has ended; nothing new comes into it."}</p>
      <div class="actions">
        {expression !== "" && (
          <button type="button" class="button" onClick={() => show({ expression: "" })}>
            Clear the filter
          </button>
        )}
        {levels.length > 0 && (
          <button type="button" class="button" onClick={() => show({ levels: [] })}>
            Show all levels
          </button>
        )}
        {services.length > 0 && (
          <button type="button" class="button" onClick={() => show({ services: [] })}>
            Show all services
          </button>
        )}
        {(since !== "" || until !== "") && (
          <button type="button" class="button" onClick={() => show({ since: "", until: "" })}>
            Look at all time
          </button>
        )}
      </div>
    </Message>
  );
}

function Nothing({ stored }: { stored: boolean }) {
  const name = view.value.stream || "default";
  const command = name === "default" ? "spile push app.log" : `spile push --stream ${name} app.log`;
  return (
    <Message title={stored ? `The stream ${visibleText(name)} is empty` : `There is no stream ${visibleText(name)} yet`}>
      <p>Records appear here as soon as they are stored. To send the lines of a file:</p>
      <p class="command">
        <code>{visibleText(command)}</code>
        <button type="button" class="button icon-only quiet" aria-label="Copy the command" onClick={() => copy("The command", command)}>
          <Icon name="copy" />
        </button>
      </p>
    </Message>
  );
}

function Failed({ text }: { text: string }) {
  return (
    <Message title={isFilterProblem() ? "The server cannot read this filter" : "This cannot be read"}>
      <pre class="empty-error">{visibleText(text.replace(/\n/gu, "\u0000")).replace(/␀/gu, "\n")}</pre>
      <div class="actions">
        <button type="button" class="button" onClick={() => show({ cursor: "", at: null }, "push")}>
          Go to the newest lines
        </button>
        <button type="button" class="button" onClick={() => show({ expression: "", levels: [], services: [], since: "", until: "", cursor: "", at: null })}>
          Show everything
        </button>
      </div>
    </Message>
  );
}
