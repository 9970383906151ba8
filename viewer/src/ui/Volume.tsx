// The histogram: how much of which level came when. Dragging over it zooms to that time.
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import type { Chart, Volume as Volumes } from "../model/overview";
import { LEVELS, type Level } from "../model/severity";
import { columns, overview, show, view } from "../state/store";
import { settings } from "../state/settings";
import { short, whole } from "../text/numbers";
import { clock, day, span, stamp, tick, type Zone } from "../text/time";

const HEIGHT = 104;
/** The width of a column, with the space beside it, at most times. */
const COLUMN = 7;

export function Volume() {
  const volume = overview.value.volume.value;
  const failure = overview.value.failure.value;
  const { levels, zone } = view.value;
  const [over, setOver] = useState<number | null>(null);
  return (
    <section class="volume" aria-label="Volume over time">
      <Plot volume={volume} levels={levels} zone={zone} theme={settings.value.theme} onOver={setOver} />
      <p class="volume-note">{failure !== "" ? failure : volume === null ? "" : caption(volume, levels, over, zone)}</p>
    </section>
  );
}

interface PlotProps {
  readonly volume: Volumes | null;
  readonly levels: readonly Level[];
  readonly zone: Zone;
  readonly theme: string;
  readonly onOver: (column: number | null) => void;
}

function Plot({ volume, levels, zone, theme, onOver }: PlotProps) {
  const root = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const state = useRef({ volume, zone, onOver });
  state.current = { volume, zone, onOver };

  useEffect(() => {
    const element = root.current;
    if (element === null) return;
    const color = palette(element);
    const made = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        ms: 1,
        legend: { show: false },
        padding: [20, 0, 0, 0],
        cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false, dist: 4 } },
        scales: { x: { time: false, range: () => domain(state.current.volume?.chart) }, y: { range: (_, __, max) => [0, Math.max(max, 1)] } },
        axes: [
          {
            stroke: color("--muted"),
            grid: { show: false },
            ticks: { show: false },
            size: 22,
            gap: 4,
            space: 76,
            font: `11px ${getComputedStyle(element).fontFamily}`,
            splits: (_, __, min, max) => (isEmpty(state.current.volume) ? [] : splits(min, max, element.clientWidth, state.current.zone)),
            values: (_, at) => at.map((ms) => tick(ms, (at[1] ?? ms) - (at[0] ?? ms), state.current.zone)),
          },
          {
            side: 1,
            stroke: color("--muted"),
            grid: { stroke: color("--line-color"), width: 1 },
            ticks: { show: false },
            size: 44,
            gap: 6,
            space: 24,
            font: `11px ${getComputedStyle(element).fontFamily}`,
            incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 1e8, 1e9],
            values: (_, at) => at.map((value) => (isEmpty(state.current.volume) ? "" : short(value))),
          },
        ],
        // The whole pile first, then what of it is worse, drawn over it.
        series: [
          {},
          ...[...LEVELS].reverse().map((level) => ({
            fill: color(`--${level}-fill`),
            width: 0,
            points: { show: false },
            paths: uPlot.paths.bars!({ size: [0.86, 28, 1], align: 1 }),
          })),
        ],
        hooks: {
          setCursor: [(u) => state.current.onOver(u.cursor.idx ?? null)],
          setSelect: [
            (u) => {
              if (u.select.width < 4) return;
              zoom(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x"), state.current.volume?.chart);
              u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            },
          ],
        },
      },
      piled(volume?.chart, levels),
      element,
    );
    plot.current = made;
    made.over.addEventListener("dblclick", () => show({ since: "", until: "" }));
    const resized = new ResizeObserver(() => {
      made.setSize({ width: element.clientWidth, height: HEIGHT });
      columns.value = Math.max(20, Math.min(300, Math.floor(element.clientWidth / COLUMN)));
    });
    resized.observe(element);
    return () => {
      resized.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [theme, useDark()]);

  useEffect(() => {
    plot.current?.setData(piled(volume?.chart, levels));
  }, [volume, levels, zone]);

  const label = volume === null ? "No histogram yet" : `Histogram of ${whole(volume.records)} records. Drag to zoom; double click for all time.`;
  return <div class="plot" ref={root} role="img" aria-label={label} />;
}

function isEmpty(volume: Volumes | null): boolean {
  return volume === null || volume.chart.startsMs.length === 0;
}

/** Whether the system is dark, as it changes. */
function useDark(): boolean {
  const query = useRef(matchMedia("(prefers-color-scheme: dark)"));
  const [dark, setDark] = useState(query.current.matches);
  useEffect(() => {
    const changed = (): void => setDark(query.current.matches);
    query.current.addEventListener("change", changed);
    return () => query.current.removeEventListener("change", changed);
  }, []);
  return dark;
}

/** Reads colours of the stylesheet; a canvas knows none of its names. */
function palette(element: HTMLElement): (name: string) => string {
  return (name) => {
    const probe = document.createElement("i");
    probe.style.color = `var(${name})`;
    element.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
}

function domain(chart: Chart | undefined): [number, number] {
  const first = chart?.startsMs[0];
  const last = chart?.startsMs[chart.startsMs.length - 1];
  return chart === undefined || first === undefined || last === undefined ? [0, 1] : [first, last + chart.stepMs];
}

/** For each level, from the last to the first, the pile up to it; levels that are not shown have no height. */
export function piled(chart: Chart | undefined, levels: readonly Level[]): uPlot.AlignedData {
  const starts = [...(chart?.startsMs ?? [])];
  const piles: number[][] = [];
  let below: number[] = starts.map(() => 0);
  for (const level of LEVELS) {
    const shown = levels.length === 0 || levels.includes(level);
    const own = chart?.counts[level] ?? [];
    below = below.map((height, column) => height + (shown ? (own[column] ?? 0) : 0));
    piles.push(below);
  }
  return [starts, ...piles.reverse()];
}

const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 108e5, 216e5, 432e5, 864e5];

/** Round times of the zone, some ninety pixels apart. */
export function splits(min: number, max: number, width: number, zone: Zone): number[] {
  const wanted = (max - min) / Math.max(width / 96, 1);
  const step = STEPS.find((each) => each >= wanted) ?? Math.ceil(wanted / 864e5) * 864e5;
  const shift = zone === "utc" ? 0 : new Date(min).getTimezoneOffset() * 60_000;
  const at: number[] = [];
  for (let ms = Math.ceil((min - shift) / step) * step + shift; ms <= max && at.length < 100; ms += step) {
    // A label at the very edge would be cut off.
    if (ms - min > (max - min) * (24 / Math.max(width, 48))) at.push(ms);
  }
  return at;
}

/** Shows the time between two places, to the edges of the columns there. */
function zoom(from: number, to: number, chart: Chart | undefined): void {
  const first = chart?.startsMs[0];
  if (chart === undefined || first === undefined) return;
  const edge = (ms: number, round: (value: number) => number): number => first + round((ms - first) / chart.stepMs) * chart.stepMs;
  const since = Math.max(edge(from, Math.floor), 0);
  const until = Math.max(edge(to, Math.ceil), since + chart.stepMs);
  show({ since: stamp(Math.floor(since)), until: stamp(Math.ceil(until)) });
}

function caption(volume: Volumes, levels: readonly Level[], over: number | null, zone: Zone): string {
  const { chart, totals } = volume;
  const shown = LEVELS.filter((level) => levels.length === 0 || levels.includes(level));
  const start = over === null ? undefined : chart.startsMs[over];
  if (over === null || start === undefined) {
    const sum = shown.reduce((all, level) => all + totals[level], 0);
    return `${whole(sum)} ${sum === 1 ? "record" : "records"} · ${span(chart.stepMs)} a column`;
  }
  const parts = shown.map((level) => [level, chart.counts[level][over] ?? 0] as const).filter(([, count]) => count > 0);
  const counts = parts.map(([level, count]) => `${whole(count)} ${level === "none" ? "without level" : level}`).join(", ");
  const time = (ms: number): string => clock(ms, zone).replace(/\.000$/u, "");
  return `${day(start, zone)} ${time(start)} – ${time(start + chart.stepMs)} · ${counts || "nothing"}`;
}
