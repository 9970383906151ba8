// To the clipboard, with a word of what came of it.
import { signal } from "@preact/signals";

/** What was done a moment ago; empty when nothing is to be said. */
export const notice = signal("");

let timer: ReturnType<typeof setTimeout> | undefined;

export function tell(text: string): void {
  notice.value = text;
  clearTimeout(timer);
  timer = setTimeout(() => (notice.value = ""), 2_500);
}

export function copy(what: string, text: string): void {
  write(text).then(
    () => tell(`${what} was copied`),
    () => tell(`${what} could not be copied`),
  );
}

async function write(text: string): Promise<void> {
  // Pages over plain HTTP of other hosts than this machine have no clipboard; there is an older way.
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("no clipboard");
}
