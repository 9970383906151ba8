// What arrives: following and not following, pausing, gaps, and servers that go away.
import { Appender } from "./appender";
import { drawn, expect, fill, numbered, test, type Viewer } from "./fixtures";
import { Server } from "./server";

test("scrolling up stops following and counts what is new; the count leads back", async ({ appender, viewer }) => {
  await fill(appender, 500);
  await viewer.open();
  await expect(viewer.line("line 499 of")).toBeVisible();
  await viewer.list.hover();
  await viewer.page.mouse.wheel(0, -600);
  await expect(viewer.state).toHaveText("Live, not following");
  const before = await viewer.offsets();
  await appender.lines(numbered(12, 500));
  const fresh = viewer.page.getByRole("button", { name: "12 new lines" });
  await expect(fresh).toBeVisible();
  expect((await viewer.offsets())[0]).toBe(before[0]);
  await fresh.click();
  await expect(viewer.line("line 511 of")).toBeVisible();
  await expect(viewer.state).toHaveText("Live");
  await viewer.page.mouse.wheel(0, -600);
  await expect(viewer.state).toHaveText("Live, not following");
  await viewer.page.mouse.wheel(0, 5_000);
  await expect(viewer.state).toHaveText("Live");
  await appender.lines(["the last"]);
  await expect(viewer.line("the last")).toBeVisible();
});

test("pause stops reading, and nothing is lost", async ({ server, appender, viewer }) => {
  test.setTimeout(120_000);
  const reading = (): Promise<number> => server.metric("spile_active_streams", "ReadService/Tail");
  const sent = (): Promise<number> => server.metric("spile_sent_records_total", "ReadService/Tail");
  await appender.lines(["before the pause"]);
  await viewer.open();
  await expect(viewer.line("before the pause")).toBeVisible();
  await expect(viewer.state).toHaveText("Live");
  await viewer.page.getByRole("button", { name: "Pause" }).click();
  await expect(viewer.state).toHaveText("Paused: nothing is read");
  await expect.poll(reading).toBe(0);
  const before = await sent();
  // More than one call gives, and more than the page keeps.
  const total = 10_400;
  await fill(appender, total, "held back");
  expect(await reading()).toBe(0);
  expect(await sent()).toBe(before);
  await expect(viewer.line("held back")).toHaveCount(0);

  await viewer.page.getByRole("button", { name: "Read on" }).click();
  await expect(viewer.line(`held back ${total - 1} of`)).toBeVisible();
  await expect(viewer.state).toHaveText("Live");
  expect(await sent()).toBe(before + total);
  // Every line, once: from the newest back to before the pause.
  expect(await scrolledThrough(viewer, total)).toBe(total + 1);
});

test("a server that restarts leaves no hole and no double", async ({ page, stream }) => {
  const own = await Server.start();
  try {
    let appender = new Appender(own.address, stream);
    await fill(appender, 100);
    await page.goto(`${own.url}/?stream=${stream}`);
    const list = page.getByRole("feed");
    await expect(list.getByText("line 99 of")).toBeVisible();
    for (let round = 1; round <= 3; round += 1) {
      appender.close();
      await own.stop(round === 2 ? "SIGKILL" : "SIGTERM");
      await expect(page.locator(".state")).toHaveText("Reconnecting…");
      await expect(list.getByText(`line ${round * 100 - 1} of`)).toBeVisible();
      await own.resume();
      appender = new Appender(own.address, stream);
      await appender.lines(numbered(100, round * 100));
      await expect(list.getByText(`line ${round * 100 + 99} of`)).toBeVisible();
      await expect(page.locator(".state")).toHaveText("Live");
    }
    appender.close();
    const bodies = new Set<string>();
    for (let at = 0; at < 40; at += 1) {
      const entries = await list.locator(".entry").evaluateAll((entries) => entries.map((entry) => [entry.getAttribute("data-offset"), entry.textContent]));
      const offsets = entries.map(([offset]) => Number(offset));
      expect(offsets).toEqual(offsets.map((_, index) => offsets[0]! + index));
      for (const [offset, text] of entries) {
        expect(text).toContain(`line ${offset} of`);
        bodies.add(offset!);
      }
      if (bodies.has("0")) break;
      await page.keyboard.press("PageUp");
      await drawn(page);
    }
    expect(bodies.size).toBe(400);
  } finally {
    await own.close();
  }
});

test("what is skipped on the way to the newest is marked, and loads on a click", async ({ appender, viewer }) => {
  await fill(appender, 14_000);
  await viewer.open();
  await expect(viewer.line("line 13999 of")).toBeVisible();
  await viewer.page.keyboard.press("g");
  await expect(viewer.line("line 0 of")).toBeVisible();
  await viewer.page.getByRole("button", { name: "To the newest" }).click();
  await expect(viewer.line("line 13999 of")).toBeVisible();
  await viewer.list.hover();
  const gap = viewer.page.locator(".gap");
  await viewer.scrollUntil(gap, -400);
  const text = /offset ([\d,]+) to ([\d,]+)/u.exec(await gap.innerText())!;
  const [from, to] = [text[1], text[2]].map((number) => Number(number!.replace(",", "")));
  // One page from the first record on, or two, when the second was asked for already.
  expect([2_000, 4_000]).toContain(from);
  await gap.getByRole("button", { name: "Load what matches" }).click();
  // What was loaded stands where the mark was, and the mark behind it, for what is left.
  await expect(viewer.line(`line ${from} of`)).toBeVisible();
  await viewer.scrollUntil(gap, 500);
  await expect(gap).toContainText(`offset ${(from! + 2_000).toLocaleString("en-US")} to`);
  const entries = await viewer.list.locator(".list-shift > *").evaluateAll((all) => all.map((one) => one.getAttribute("data-offset")));
  const at = entries.indexOf(null);
  expect(entries[at - 1]).toBe(String(from! + 1_999));
  expect(Number(entries[at + 1])).toBe(to! + 1);
});

test("what retention has removed is told", async ({ page }) => {
  test.setTimeout(90_000);
  const own = await Server.start(["--seal-bytes", "256KiB", "--retain-bytes", "1MiB"]);
  const appender = new Appender(own.address, "short");
  try {
    await appender.lines(numbered(10));
    await page.goto(`${own.url}/?stream=short`);
    await expect(page.getByText("line 9 of")).toBeVisible();
    const first = await page.evaluate(() => new URL(location.href).search);
    expect(first).toContain("stream=short");
    // A link to what is then gone: read forwards from offset 0, it begins with the gap.
    const noise = (): string => Array.from({ length: 40 }, () => Math.random().toString(36).slice(2)).join(" ");
    await expect
      .poll(
        async () => {
          await appender.lines(Array.from({ length: 500 }, noise));
          const count = (await (await page.request.get(`${own.url}/v1/count?stream=short&q=line`)).json()) as { records?: unknown };
          return Number(count.records);
        },
        { timeout: 60_000 },
      )
      .toBe(0);
    await page.goto(`${own.url}/?stream=short&at=0`);
    await expect(page.locator(".gap")).toContainText("removed by retention");
    await expect(page.locator(".gap button")).toHaveCount(0);
  } finally {
    appender.close();
    await own.close();
  }
});

/** How many lines there are, each seen once and in its place, while scrolling up from the last to the first. */
async function scrolledThrough(viewer: Viewer, last: number): Promise<number> {
  const seen = new Set<number>();
  await viewer.list.hover();
  for (let turn = 0; turn < 2_000 && !seen.has(0); turn += 1) {
    const offsets = await viewer.offsets();
    expect(offsets).toEqual(offsets.map((_, index) => offsets[0]! + index));
    for (const offset of offsets) seen.add(offset);
    await viewer.wheel(-900);
  }
  expect(Math.max(...seen)).toBe(last);
  return seen.size;
}
