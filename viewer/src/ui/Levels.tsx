// The levels: how many of each there are, and which are shown.
import { LEVELS, type Level } from "../model/severity";
import { overview, showsErrors, toggleErrors, toggleLevel, view } from "../state/store";
import { short, whole } from "../text/numbers";

const NAMES: Record<Level, string> = {
  fatal: "Fatal",
  error: "Error",
  warn: "Warn",
  info: "Info",
  debug: "Debug",
  trace: "Trace",
  none: "No level",
};

export function Levels() {
  const { levels } = view.value;
  const totals = overview.value.volume.value?.totals;
  return (
    <div class="levels" role="group" aria-label="Levels">
      {LEVELS.map((level) => {
        const on = levels.length === 0 || levels.includes(level);
        const count = totals?.[level];
        return (
          <button
            key={level}
            type="button"
            class={`level ${level}${on ? "" : " off"}${count === 0 ? " zero" : ""}`}
            aria-pressed={on}
            title={count === undefined ? NAMES[level] : `${NAMES[level]}: ${whole(count)}`}
            onClick={() => toggleLevel(level)}
          >
            <i class="swatch" aria-hidden="true" />
            {NAMES[level]}
            <span class="count">{count === undefined ? "–" : short(count)}</span>
          </button>
        );
      })}
    </div>
  );
}

export function ErrorsButton() {
  return (
    <button type="button" class={`button errors${showsErrors.value ? " active" : ""}`} aria-pressed={showsErrors.value} onClick={toggleErrors}>
      <i class="swatch" aria-hidden="true" />
      {showsErrors.value ? (
        "Show all"
      ) : (
        <span>
          <span class="long">Show </span>
          <span class="word">errors</span>
        </span>
      )}
    </button>
  );
}
