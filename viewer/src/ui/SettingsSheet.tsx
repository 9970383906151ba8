// What one person chooses for this browser.
import { change, settings, type Theme } from "../state/settings";
import { server, show, view } from "../state/store";
import { traceUrl } from "../state/jaeger";
import { Sheet } from "./Sheet";

const THEMES: readonly (readonly [Theme, string])[] = [
  ["system", "As the system"],
  ["light", "Light"],
  ["dark", "Dark"],
];

export function SettingsSheet() {
  const { theme, jaegerUrl, contextLines } = settings.value;
  const { density, chart } = view.value;
  const wrong = jaegerUrl.trim() !== "" && traceUrl(jaegerUrl, "0") === null;
  return (
    <Sheet title="Settings" narrow>
      <div class="settings">
        <fieldset>
          <legend>Colours</legend>
          <div class="segments">
            {THEMES.map(([value, text]) => (
              <label key={value}>
                <input type="radio" name="theme" checked={theme === value} onChange={() => change({ theme: value })} />
                <span>{text}</span>
              </label>
            ))}
          </div>
        </fieldset>
        <fieldset>
          <legend>Lines</legend>
          <div class="segments">
            {(["compact", "cosy"] as const).map((value) => (
              <label key={value}>
                <input type="radio" name="density" checked={density === value} onChange={() => show({ density: value }, "replace")} />
                <span>{value === "compact" ? "Compact" : "Cosy"}</span>
              </label>
            ))}
          </div>
        </fieldset>
        <label class="setting">
          <span>Jaeger's address</span>
          <input
            class="field"
            type="url"
            placeholder={server.value.jaegerUrl || "http://localhost:16686"}
            value={jaegerUrl}
            aria-invalid={wrong}
            aria-describedby="jaeger-note"
            onInput={(input) => change({ jaegerUrl: input.currentTarget.value })}
          />
          <span id="jaeger-note" class={`note${wrong ? " wrong" : ""}`}>
            {wrong
              ? "This is no address that begins with http:// or https://."
              : server.value.jaegerUrl === ""
                ? "Trace ids of open records lead there. This server names none."
                : "Empty: the address that this server names."}
          </span>
        </label>
        <label class="setting">
          <span>Lines of context, before and after</span>
          <input
            class="field short"
            type="number"
            min={1}
            max={100}
            value={contextLines}
            onInput={(input) => {
              const lines = Number(input.currentTarget.value);
              if (Number.isInteger(lines) && lines >= 1 && lines <= 100) change({ contextLines: lines });
            }}
          />
        </label>
        <label class="check">
          <input type="checkbox" checked={chart} onChange={() => show({ chart: !chart }, "replace")} /> Histogram
        </label>
      </div>
    </Sheet>
  );
}
