// The keys, and how filters are written.
import licenses from "../generated/licenses.txt?url";
import { server } from "../state/store";
import { GROUPS } from "./keys";
import { Sheet } from "./Sheet";

/** What stands on keys whose names say something else. */
const CAPS: Record<string, string> = { " ": "Space", ArrowDown: "↓", ArrowUp: "↑", Escape: "Esc", PageDown: "Page ↓", PageUp: "Page ↑" };

const FILTERS: readonly (readonly [string, string])[] = [
  ["timeout", "the body contains it, in any case"],
  ['"timed out" -healthz', "this text, and not that one"],
  ["severity>=WARN", "this severity or worse"],
  ['service.name=("cart" OR "checkout")', "one of these"],
  ["attributes.code>=500", "an attribute of the record"],
  ["resource.k8s.pod.name:web", "contains it"],
  ['body=~"user \\d+"', "a regular expression"],
  ["trace_id=4bf92f35…", "all of a trace"],
  ["(a OR b) c", "parentheses where AND and OR meet"],
];

export function Help() {
  return (
    <Sheet title="Keys and filters">
      <div class="help">
        {GROUPS.map(({ name, keys }) => (
          <section key={name}>
            <h3>{name}</h3>
            <dl class="keys">
              {keys.map(({ keys: pressed, text }) => (
                <div key={text}>
                  <dt>
                    {(pressed.length > 3 ? [`${pressed[0]} – ${pressed[pressed.length - 1]}`] : pressed).map((key) => (
                      <kbd key={key}>{CAPS[key] ?? key}</kbd>
                    ))}
                  </dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section class="help-filters">
          <h3>Filters</h3>
          <dl class="keys">
            {FILTERS.map(([example, text]) => (
              <div key={example}>
                <dt>
                  <code>{example}</code>
                </dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
      <p class="note">
        Spile {server.value.version} ·{" "}
        <a href={licenses} target="_blank" rel="noopener">
          licences of what the viewer is built with
        </a>
      </p>
    </Sheet>
  );
}
