// The signs of the page, drawn with one pen.

const PATHS = {
  search: "M7 2.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9ZM10.500 10.500 14 14",
  down: "m4 6 4 4 4-4",
  close: "m4 4 8 8M12 4l-8 8",
  check: "m3.500 8.500 3 3 6-7",
  plus: "M8 3.500v9M3.500 8h9",
  minus: "M3.500 8h9",
  copy: "M5.500 5.500v-3h8v8h-3M2.500 5.500h8v8h-8z",
  link: "M6.500 9.500l3-3M7 4.500l1-1a3 3 0 0 1 4.500 4.500l-1 1M9 11.500l-1 1a3 3 0 0 1-4.500-4.500l1-1",
  out: "M9.500 2.500h4v4M13 3 7.500 8.500M6.500 3.500h-4v10h10v-4",
  pause: "M5.500 3.500v9M10.500 3.500v9",
  play: "M5 3.500v9l7.500-4.500z",
  newest: "M8 2.500v8m-3.500-3.500L8 10.500 11.500 7M3 13.500h10",
  wrap: "M2.500 3.500h11M2.500 8h8.500a2.250 2.250 0 0 1 0 4.500H8m2-2-2 2 2 2M2.500 12.500h2.500",
  download: "M8 2.500v7.500m-3.500-3L8 10.500 11.500 7M2.500 11v2.500h11V11",
  clock: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 2.500V8l2.500 1.500",
  help: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM6.250 6.250a1.750 1.750 0 1 1 2.600 1.500c-.6.350-.85.7-.85 1.250M8 11.250v.1",
  settings: "M2.500 5h6m4 0h1M2.500 11h1m4 0h6M10.500 3.250a1.750 1.750 0 1 0 0 3.500 1.750 1.750 0 0 0 0-3.500ZM5.500 9.250a1.750 1.750 0 1 0 0 3.500 1.750 1.750 0 0 0 0-3.500Z",
  lines: "M2.500 4h11M2.500 8h11M2.500 12h11",
  chart: "M2.500 13.500h11M4 11V8m4 3V3m4 8V6",
  alert: "M8 2.500 14 13H2zM8 6.500v3M8 11.250v.1",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}
