// The long measurements: `npm run bench`, with SPILE_SERVER naming the program. It prints one line for each figure.
import type { Page } from "@playwright/test";
import { expect, numbered, test, type Viewer } from "./fixtures";
import { clockOf, heap, kept, perFrame, record, recorded, scrollTo, summary } from "./frames";
import type { Appender } from "./appender";

const RUNS = 40;
const MILLION = Number(process.env.SPILE_RECORDS ?? 1_000_000);

test("from Show errors to the first red line", async ({ appender, viewer, page }) => {
  await fillLikeReal(appender, 200_000);
  await viewer.open();
  await expect(viewer.line("record 199999 of")).toBeVisible();
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const shown = redLine(page);
    await page.getByRole("button", { name: "Show errors" }).click();
    times.push(await shown);
    await page.getByRole("button", { name: "Show all" }).click();
    await expect(viewer.line("record 199999 of")).toBeVisible();
  }
  say("from Show errors to the first red line, ms", summary(times));
});

test("from an append to its line on the screen", async ({ appender, viewer, page }) => {
  await appender.lines(["the first"]);
  await viewer.open();
  await expect(viewer.line("the first")).toBeVisible();
  await expect(viewer.state).toHaveText("Live");
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const text = `probe ${run} of ${RUNS}`;
    const shown = page.evaluate(
      (wanted) =>
        new Promise<number>((resolve) => {
          const look = (): void => {
            const lines = document.querySelectorAll(".line .body");
            if (lines[lines.length - 1]?.textContent === wanted) requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now()));
            else requestAnimationFrame(look);
          };
          look();
        }),
      text,
    );
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    const sent = performance.timeOrigin + performance.now();
    void appender.lines([text]);
    times.push((await shown) - sent);
  }
  say("from an append to its line on the screen, ms", summary(times));
});

test("a million records scrolled through", async ({ appender, viewer, page }) => {
  await fillLikeReal(appender, MILLION);
  await viewer.open();
  await expect(viewer.line(`record ${MILLION - 1} of`)).toBeVisible();
  say("heap at the end of a million, MiB", await heap(page));
  await viewer.wheel(-100);
  let most = 0;
  const clock = await clockOf(page);
  for (let to = MILLION - 100_000; to >= 0; to -= 100_000) {
    await record(page);
    const before = await clock();
    const frames = await scrollTo(page, to, -1_600);
    const work = perFrame(before, await clock(), frames);
    const at = await kept(page);
    most = Math.max(most, at.lines);
    say(`scrolled to ${to} in ${frames} frames, ms a frame`, await recorded(page));
    say("  CPU of the main thread, ms a frame", work);
    say(`  heap ${await heap(page)} MiB, lines kept and drawn`, at);
  }
  expect(most).toBeLessThanOrEqual(10_000);
});

test("200,000 lines in a minute", async ({ appender, viewer, page }) => {
  await appender.lines(["the first"]);
  await viewer.open();
  await expect(viewer.line("the first")).toBeVisible();
  await burst(page, viewer, appender, 200_000, 60_000);
});

async function burst(page: Page, viewer: Viewer, appender: Appender, lines: number, ms: number): Promise<void> {
  const batch = 200;
  const every = (ms * batch) / lines;
  const clock = await clockOf(page);
  const before = await clock();
  await record(page);
  const started = performance.now();
  for (let from = 0; from < lines; from += batch) {
    const due = started + (from / batch) * every;
    while (performance.now() < due) await new Promise((resolve) => setImmediate(resolve));
    await appender.lines(numbered(batch, from, "burst"));
  }
  await expect(viewer.line(`burst ${lines - 1} of`)).toBeVisible();
  const took = Math.round(performance.now() - started);
  const frames = await recorded(page);
  say(`${lines} lines in ${took} ms, ms a frame`, frames);
  say("  CPU of the main thread, ms a frame", perFrame(before, await clock(), frames.count));
  say(`  heap ${await heap(page)} MiB, lines kept and drawn`, await kept(page));
}

/** Errors among others, one in fifty, in lines as long as those of programs. */
async function fillLikeReal(appender: Appender, count: number): Promise<void> {
  for (let from = 0; from < count; from += 5_000) {
    const records = Array.from({ length: Math.min(5_000, count - from) }, (_, index) => ({
      body: `record ${from + index} of many: request GET /api/v1/orders/${(from + index) * 7} answered 200 after 12.5 ms`,
      severityNumber: (from + index) % 50 === 0 ? 17 : 9,
    }));
    await appender.append({ service: "shop", records });
  }
}

/** Milliseconds from the next click to the frame behind the one in which all lines are red. */
function redLine(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        document.addEventListener(
          "click",
          () => {
            const clicked = performance.now();
            const look = (): void => {
              const lines = [...document.querySelectorAll(".line")];
              if (lines.length > 0 && lines.every((line) => line.classList.contains("error"))) {
                requestAnimationFrame(() => resolve(performance.now() - clicked));
              } else {
                requestAnimationFrame(look);
              }
            };
            requestAnimationFrame(look);
          },
          { capture: true, once: true },
        );
      }),
  );
}

function say(what: string, figure: unknown): void {
  console.log(`${what}: ${typeof figure === "number" ? figure : JSON.stringify(figure)}`);
}
