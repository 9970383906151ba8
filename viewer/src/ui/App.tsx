// The page: what is looked for above, the lines in the middle, what goes on below.
import { useEffect } from "preact/hooks";
import { reader, selected, show, view } from "../state/store";
import { plural } from "../text/numbers";
import { notice } from "./copy";
import { Download } from "./Download";
import { Empty } from "./Empty";
import { Help } from "./Help";
import { Icon } from "./Icon";
import { listen } from "./keys";
import { ErrorsButton, Levels } from "./Levels";
import { LogList } from "./LogList";
import { RangePicker } from "./RangePicker";
import { SearchBox } from "./SearchBox";
import { ServicePicker } from "./ServicePicker";
import { SettingsSheet } from "./SettingsSheet";
import { openSheet, sheet } from "./sheets";
import { StatusBar } from "./StatusBar";
import { StreamPicker } from "./StreamPicker";
import { Volume } from "./Volume";

/** As in the stylesheet, in pixels. */
const LINE = { compact: 20, cosy: 28 } as const;

export function App() {
  const shown = view.value;
  useEffect(listen, []);
  useEffect(() => {
    const parts = [shown.expression, shown.stream || "default", "Spile"].filter((part) => part !== "");
    document.title = parts.join(" · ");
  }, [shown.expression, shown.stream]);

  return (
    <div class={`app ${shown.density}`}>
      <header class="top">
        <h1 class="mark">
          <svg viewBox="0 0 32 32" width="20" height="20" aria-hidden="true">
            <path class="mark-tap" d="M4 11h16a5 5 0 0 1 5 5v3h-5v-2.500H4zM10 5h4.500v6H10z" />
            <circle class="mark-drop" cx="22.500" cy="25" r="2.400" />
          </svg>
          Spile
        </h1>
        <StreamPicker />
        <SearchBox />
        <RangePicker />
        <ErrorsButton />
        <div class="top-end">
          <button type="button" class="button icon-only quiet" aria-label="Settings" title="Settings" onClick={() => openSheet("settings")}>
            <Icon name="settings" />
          </button>
          <button type="button" class="button icon-only quiet" aria-label="Keys and filters" title="Keys and filters (?)" onClick={() => openSheet("help")}>
            <Icon name="help" />
          </button>
        </div>
      </header>
      <section class="second" aria-label="Levels and services">
        <Levels />
        <ServicePicker />
        <button
          type="button"
          class="button icon-only quiet"
          aria-label="Histogram"
          aria-pressed={shown.chart}
          title="Histogram (h)"
          onClick={() => show({ chart: !shown.chart }, "replace")}
        >
          <Icon name="chart" />
        </button>
      </section>
      {shown.chart && <Volume />}
      <main class="lines">
        <Lines />
        <Empty />
        <Fresh />
      </main>
      <StatusBar />
      <div class="notice" role="status" aria-live="polite">
        {notice.value}
      </div>
      {sheet.value === "help" && <Help />}
      {sheet.value === "settings" && <SettingsSheet />}
      {sheet.value === "download" && <Download />}
    </div>
  );
}

/** The list, drawn again when lines have come. */
function Lines() {
  const at = reader.value;
  // What the list looks at when it has been drawn.
  void at.target.value;
  void at.phase.value;
  return <LogList reader={at} view={view.value} version={at.version.value} selected={selected.value} lineHeight={LINE[view.value.density]} />;
}

/** How many lines have come while others were looked at. */
function Fresh() {
  const at = reader.value;
  if (at.following.value || at.phase.value !== "ready") return null;
  const fresh = at.fresh.value;
  if (fresh === 0 && at.newer.value === "done") return null;
  return (
    <button type="button" class="fresh" onClick={() => at.toEnd()}>
      <Icon name="newest" />
      {fresh === 0 ? "To the newest" : `${plural(fresh, "new line")}`}
    </button>
  );
}
