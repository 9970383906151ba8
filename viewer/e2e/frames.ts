// How long frames take and how much memory is held, seen from inside the page.
import type { Page } from "@playwright/test";

/** Milliseconds between frames. */
export interface Frames {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly longest: number;
}

type Recording = Window & { __frames?: number[] };

/** Notes the time of every frame from now on. */
export async function record(page: Page): Promise<void> {
  await page.evaluate(() => {
    const times: number[] = [];
    (window as Recording).__frames = times;
    const next = (now: number): void => {
      if ((window as Recording).__frames !== times) return;
      times.push(now);
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
}

/** Ends the recording. */
export async function recorded(page: Page): Promise<Frames> {
  const times = await page.evaluate(() => {
    const noted = (window as Recording).__frames ?? [];
    delete (window as Recording).__frames;
    return noted;
  });
  return summary(times.slice(1).map((time, index) => time - times[index]!));
}

export function summary(lengths: readonly number[]): Frames {
  const sorted = [...lengths].sort((a, b) => a - b);
  const at = (part: number): number => Math.round((sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)] ?? 0) * 10) / 10;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), longest: at(1) };
}

/** MiB of JavaScript's heap that are in use once what nobody holds is gone. */
export async function heap(page: Page): Promise<number> {
  return page.evaluate(() => {
    (globalThis as unknown as { gc: () => void }).gc();
    const { memory } = performance as unknown as { memory: { usedJSHeapSize: number } };
    return Math.round((memory.usedJSHeapSize / 2 ** 20) * 10) / 10;
  });
}

/** How many lines the page keeps, and how many of them are drawn. */
export async function kept(page: Page): Promise<{ lines: number; drawn: number }> {
  return page.evaluate(() => ({
    lines: Number((document.querySelector(".status-note")?.textContent ?? "").replace(/\D/gu, "")),
    drawn: document.querySelectorAll(".entry").length,
  }));
}

/** Scrolls by so many pixels in every frame until a line is in view; gives how many frames that took. */
export async function scrollTo(page: Page, offset: number, step: number): Promise<number> {
  return page.evaluate(
    ([wanted, by]) =>
      new Promise<number>((resolve) => {
        const list = document.querySelector<HTMLElement>(".list")!;
        let frames = 0;
        const next = (): void => {
          frames += 1;
          if (document.querySelector(`[data-offset="${wanted}"]`) !== null) {
            resolve(frames);
            return;
          }
          list.scrollTop += by!;
          requestAnimationFrame(next);
        };
        requestAnimationFrame(next);
      }),
    [offset, step],
  );
}

/** Seconds of CPU time that the page's main thread has used: for all it does, and for what of it. */
export interface Work {
  readonly all: number;
  readonly script: number;
  readonly style: number;
  readonly layout: number;
}

/** Reads the main thread's clock, which stands still while others have the processor. */
export async function clockOf(page: Page): Promise<() => Promise<Work>> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  return async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    const of = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? 0;
    return { all: of("TaskDuration"), script: of("ScriptDuration"), style: of("RecalcStyleDuration"), layout: of("LayoutDuration") };
  };
}

/** Milliseconds a frame between two readings of the clock. */
export function perFrame(before: Work, after: Work, frames: number): Work {
  const of = (name: keyof Work): number => Math.round(((after[name] - before[name]) * 100_000) / frames) / 100;
  return { all: of("all"), script: of("script"), style: of("style"), layout: of("layout") };
}
