// The keys: what each does, said once, for the page and for its help.
import { batch } from "@preact/signals";
import { LEVELS } from "../model/severity";
import { change, settings } from "../state/settings";
import { openRecord, reader, selected, show, toggleErrors, toggleLevel, view } from "../state/store";
import { copy } from "./copy";
import { list } from "./LogList";
import { searchInput } from "./SearchBox";
import { openSheet, sheet } from "./sheets";

interface Key {
  readonly keys: readonly string[];
  readonly text: string;
  readonly run: (key: string) => void;
}

const isError = (row: { level: string }): boolean => row.level === "error" || row.level === "fatal";

export const GROUPS: readonly { readonly name: string; readonly keys: readonly Key[] }[] = [
  {
    name: "Moving",
    keys: [
      { keys: ["j", "ArrowDown"], text: "next line", run: () => list?.step(1) },
      { keys: ["k", "ArrowUp"], text: "line before", run: () => list?.step(-1) },
      { keys: ["PageDown", "PageUp"], text: "a screen on, a screen back", run: (key) => list?.page(key === "PageUp" ? -1 : 1) },
      { keys: ["e"], text: "next error", run: () => list?.step(1, isError) },
      { keys: ["E"], text: "error before", run: () => list?.step(-1, isError) },
      { keys: ["G", "End"], text: "to the newest, and follow", run: () => reader.peek().toEnd() },
      { keys: ["g", "Home"], text: "to the first record", run: () => reader.peek().toStart() },
    ],
  },
  {
    name: "Reading",
    keys: [
      { keys: ["Enter", "o"], text: "open or close the line", run: toggleOpen },
      { keys: ["Escape"], text: "close the line", run: () => openRecord(null) },
      { keys: ["f"], text: "follow, or stop following", run: toggleFollow },
      { keys: ["p", " "], text: "pause: stop reading; read on", run: togglePause },
      { keys: ["y"], text: "copy the line's text", run: copyLine },
      { keys: ["l"], text: "copy a link to this view", run: () => copy("The link", window.location.href) },
    ],
  },
  {
    name: "Filtering",
    keys: [
      { keys: ["/"], text: "to the filter", run: () => searchInput.peek()?.select() },
      { keys: ["r"], text: "only errors; all again", run: toggleErrors },
      {
        keys: ["1", "2", "3", "4", "5", "6", "7"],
        text: "a level on or off, from fatal to none",
        run: (key) => toggleLevel(LEVELS[Number(key) - 1] ?? "none"),
      },
      { keys: ["0"], text: "all levels", run: () => show({ levels: [] }) },
      { keys: ["z"], text: "all time", run: () => show({ since: "", until: "" }) },
    ],
  },
  {
    name: "Showing",
    keys: [
      { keys: ["w"], text: "wrap long lines", run: () => show({ wrap: !view.peek().wrap }, "replace") },
      { keys: ["u"], text: "local time or UTC", run: () => show({ zone: view.peek().zone === "utc" ? "local" : "utc" }, "replace") },
      { keys: ["d"], text: "compact or cosy lines", run: () => show({ density: view.peek().density === "cosy" ? "compact" : "cosy" }, "replace") },
      { keys: ["h"], text: "histogram", run: () => show({ chart: !view.peek().chart }, "replace") },
      { keys: ["t"], text: "light or dark", run: toggleTheme },
      { keys: ["?"], text: "this sheet", run: () => openSheet("help") },
    ],
  },
];

const BY_KEY = new Map(GROUPS.flatMap(({ keys }) => keys.flatMap((key) => key.keys.map((name) => [name, key] as const))));

/** Listens to the whole page; where text is typed, keys are letters. */
export function listen(): () => void {
  const pressed = (key: KeyboardEvent): void => {
    if (key.defaultPrevented || key.ctrlKey || key.metaKey || key.altKey || sheet.peek() !== null) return;
    const at = key.target instanceof Element ? key.target : null;
    if (at?.closest("input, textarea, select, .panel") != null) return;
    // A button's own keys, and those of text that is scrolled by itself.
    if ((key.key === "Enter" || key.key === " ") && at?.closest("button, a") != null) return;
    if (key.key.startsWith("Arrow") && at?.closest(".detail") != null) return;
    const found = BY_KEY.get(key.key);
    if (found === undefined) return;
    key.preventDefault();
    batch(() => found.run(key.key));
  };
  document.addEventListener("keydown", pressed);
  return () => document.removeEventListener("keydown", pressed);
}

function toggleOpen(): void {
  const offset = selected.peek();
  if (offset === null) return;
  reader.peek().follow(false);
  openRecord(view.peek().open === offset ? null : offset);
}

function toggleFollow(): void {
  const at = reader.peek();
  if (at.following.peek()) at.follow(false);
  else at.toEnd();
}

function togglePause(): void {
  const at = reader.peek();
  if (at.paused.peek()) at.resume();
  else at.pause();
}

function copyLine(): void {
  const offset = selected.peek();
  const row = offset === null ? undefined : reader.peek().window.row(offset);
  if (row !== undefined) copy("The line", row.record.body);
}

function toggleTheme(): void {
  const { theme } = settings.peek();
  const dark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  change({ theme: dark ? "light" : "dark" });
}
