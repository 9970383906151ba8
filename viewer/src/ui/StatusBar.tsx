// What the page is doing, in words; and how it shows what it has.
import { Code } from "../api/client";
import { reader, show, view } from "../state/store";
import { whole } from "../text/numbers";
import { Icon } from "./Icon";
import { openSheet } from "./sheets";

export function StatusBar() {
  const at = reader.value;
  const { wrap, zone, density } = view.value;
  const state = stateOf();
  const paused = at.paused.value;
  // The reader's version is what says that the window has changed.
  const lines = at.version.value >= 0 ? at.window.length : 0;
  return (
    <footer class="status">
      <span class={`state ${state.kind}`} role="status">
        <i class="dot" aria-hidden="true" />
        {state.text}
      </span>
      <span class="status-note" title="Lines that are kept in this page; older and newer ones are read again when you scroll there">
        {whole(lines)} lines here
      </span>
      <span class="grow" />
      <button
        type="button"
        class="button quiet"
        aria-pressed={paused}
        title={paused ? "Read on (p)" : "Stop reading; nothing is lost (p)"}
        onClick={() => (paused ? at.resume() : at.pause())}
      >
        <Icon name={paused ? "play" : "pause"} />
        <span class="wide-only">{paused ? "Read on" : "Pause"}</span>
      </button>
      <button
        type="button"
        class="button quiet"
        aria-pressed={at.following.value}
        title="Keep the newest line in view (f)"
        onClick={() => (at.following.value ? at.follow(false) : at.toEnd())}
      >
        <Icon name="newest" />
        <span class="wide-only">Follow</span>
      </button>
      <button type="button" class="button quiet" aria-pressed={wrap} title="Wrap long lines (w)" onClick={() => show({ wrap: !wrap }, "replace")}>
        <Icon name="wrap" />
        <span class="wide-only">Wrap</span>
      </button>
      <button
        type="button"
        class="button quiet"
        title="Local time or UTC (u)"
        aria-label={`Times: ${zone === "utc" ? "UTC" : "local"}`}
        onClick={() => show({ zone: zone === "utc" ? "local" : "utc" }, "replace")}
      >
        {zone === "utc" ? "UTC" : "Local"}
      </button>
      <button
        type="button"
        class="button quiet wide-only"
        title="Compact or cosy lines (d)"
        aria-label={`Density: ${density}`}
        onClick={() => show({ density: density === "compact" ? "cosy" : "compact" }, "replace")}
      >
        {density === "compact" ? "Compact" : "Cosy"}
      </button>
      <button type="button" class="button quiet" title="Download what matches" aria-label="Download what matches" onClick={() => openSheet("download")}>
        <Icon name="download" />
      </button>
    </footer>
  );
}

interface State {
  readonly kind: "good" | "calm" | "wait" | "bad";
  readonly text: string;
}

function stateOf(): State {
  const at = reader.value;
  if (at.phase.value === "failed") return { kind: "bad", text: "Not reading" };
  if (at.paused.value) return { kind: "calm", text: "Paused: nothing is read" };
  if (at.failure.value?.code === Code.NotFound) return { kind: "calm", text: "Waiting for the stream" };
  if (at.live.value === "reconnecting") return { kind: "wait", text: "Reconnecting…" };
  if (at.phase.value === "loading") return { kind: "wait", text: "Reading…" };
  if (at.live.value === "off") return { kind: "calm", text: "History" };
  if (at.live.value === "connecting") return { kind: "wait", text: "Connecting…" };
  return at.following.value ? { kind: "good", text: "Live" } : { kind: "good", text: "Live, not following" };
}
