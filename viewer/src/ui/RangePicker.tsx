// From when to when.
import { useState } from "preact/hooks";
import { show, view } from "../state/store";
import { clock, day, fromField, parseBound, stamp, toField, type Zone } from "../text/time";
import { Icon } from "./Icon";
import { Menu } from "./Menu";

const PRESETS: readonly (readonly [string, string])[] = [
  ["-5m", "Last 5 minutes"],
  ["-15m", "Last 15 minutes"],
  ["-1h", "Last hour"],
  ["-6h", "Last 6 hours"],
  ["-24h", "Last 24 hours"],
  ["-7d", "Last 7 days"],
  ["", "All time"],
];

export function RangePicker() {
  const { since, until, zone } = view.value;
  const text = describe(since, until, zone);
  const bounded = since !== "" || until !== "";
  return (
    <div class="joined">
      <Menu label={`Time range: ${text}`} text={text} icon="clock" active={bounded} align="end">
        {(close) => <Ranges close={close} />}
      </Menu>
      {bounded && (
        <button
          type="button"
          class="button icon-only"
          aria-label="Show all time"
          title="Show all time"
          onClick={() => show({ since: "", until: "" })}
        >
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}

function Ranges({ close }: { close: () => void }) {
  const { since, until, zone } = view.value;
  const now = Date.now();
  const field = (bound: string): string => {
    const ms = parseBound(bound, now);
    return ms === null ? "" : toField(ms, zone);
  };
  const [from, setFrom] = useState(field(since));
  const [to, setTo] = useState(field(until));
  const [wrong, setWrong] = useState("");

  const apply = (): void => {
    const [a, b] = [fromField(from, zone), fromField(to, zone)];
    if (a !== null && b !== null && a >= b) {
      setWrong("The end lies before the start.");
      return;
    }
    show({ since: a === null ? "" : stamp(a), until: b === null ? "" : stamp(b) });
    close();
  };
  return (
    <>
      <ul class="choices">
        {PRESETS.map(([bound, text]) => (
          <li key={bound}>
            <button
              type="button"
              class="choice"
              data-stop
              data-autofocus={bound === since && until === ""}
              aria-current={bound === since && until === ""}
              onClick={() => {
                show({ since: bound, until: "" });
                close();
              }}
            >
              <span class="tick">{bound === since && until === "" && <Icon name="check" />}</span>
              <span class="grow">{text}</span>
            </button>
          </li>
        ))}
      </ul>
      <div class="range-fields">
        <label>
          From
          <input class="field" type="datetime-local" step="1" value={from} onInput={(input) => setFrom(input.currentTarget.value)} />
        </label>
        <label>
          Until
          <input class="field" type="datetime-local" step="1" value={to} onInput={(input) => setTo(input.currentTarget.value)} />
        </label>
        <p class={`note${wrong === "" ? "" : " wrong"}`} role="status">
          {wrong || (zone === "utc" ? "Times are in UTC." : "Times are in your time zone.")}
        </p>
        <button type="button" class="button primary wide" onClick={apply}>
          Apply
        </button>
      </div>
    </>
  );
}

/** What a range is called. */
export function describe(since: string, until: string, zone: Zone): string {
  const preset = PRESETS.find(([bound]) => bound === since);
  if (until === "" && preset !== undefined) return preset[1];
  const place = (bound: string): { day: string; clock: string } => {
    const ms = parseBound(bound, Date.now());
    if (ms === null || bound.startsWith("-")) return { day: "", clock: bound };
    return { day: day(ms, zone), clock: clock(ms, zone).replace(/\.000$/u, "").replace(/:00$/u, "") };
  };
  const one = (bound: { day: string; clock: string }): string => `${bound.day} ${bound.clock}`.trim();
  const [from, to] = [place(since), place(until)];
  if (until === "") return `Since ${one(from)}`;
  if (since === "") return `Until ${one(to)}`;
  // The day is said once when both lie on it.
  return `${one(from)} – ${from.day === to.day ? to.clock : one(to)}`;
}
