// Looking for something: levels, filters, pickers, time, records that are opened, links.
import { expect, fill, numbered, test } from "./fixtures";
import { text } from "./appender";

const SECOND = 1_000_000_000n;
const MORNING = 1_790_000_000n * SECOND;

test("shows history first, then what arrives", async ({ appender, viewer }) => {
  await appender.lines(["stored before"]);
  await viewer.open();
  await expect(viewer.line("stored before")).toBeVisible();
  await expect(viewer.state).toHaveText("Live");
  await appender.lines(["arrived after"]);
  await expect(viewer.line("arrived after")).toBeVisible();
});

test("Show errors fills the screen with red lines, then follows", async ({ appender, viewer }) => {
  for (let turn = 0; turn < 20; turn += 1) {
    await appender.lines(numbered(200, turn * 200, "fine"));
    await appender.lines(numbered(20, turn * 20, "broken"), "shop", 17);
  }
  await viewer.open();
  await expect(viewer.line("broken").first()).toBeVisible();
  await viewer.page.getByRole("button", { name: "Show errors" }).click();
  await expect(viewer.line("fine")).toHaveCount(0);
  await expect(viewer.line("broken 399 of")).toBeVisible();
  const reds = await viewer.lines.evaluateAll((lines) => lines.map((line) => line.classList.contains("error")));
  expect(reds.length).toBeGreaterThan(20);
  expect(reds.every(Boolean)).toBe(true);
  await appender.append({ records: [{ body: "new and broken", severityNumber: 18 }, { body: "new and fine", severityNumber: 9 }], service: "shop" });
  await expect(viewer.line("new and broken")).toBeVisible();
  await expect(viewer.line("new and fine")).toHaveCount(0);
  expect(viewer.query("level")).toBe("fatal,error");
  await viewer.page.getByRole("button", { name: "Show all" }).click();
  await expect(viewer.line("new and fine")).toBeVisible();
});

test("levels have counts and can be put on and off", async ({ appender, viewer }) => {
  const of = (severityNumber: number, count: number) => Array.from({ length: count }, (_, n) => ({ body: `s${severityNumber} ${n}`, severityNumber }));
  await appender.append({ records: [...of(17, 3), ...of(13, 4), ...of(10, 5), ...of(0, 2)], service: "shop" });
  await viewer.open();
  const levels = viewer.page.getByRole("group", { name: "Levels" });
  await expect(levels.getByRole("button", { name: /^Error/u })).toHaveText("Error3");
  await expect(levels.getByRole("button", { name: /^Warn/u })).toHaveText("Warn4");
  await expect(levels.getByRole("button", { name: /^Info/u })).toHaveText("Info5");
  await expect(levels.getByRole("button", { name: /^No level/u })).toHaveText("No level2");
  await levels.getByRole("button", { name: /^Info/u }).click();
  await expect(viewer.lines).toHaveCount(9);
  await expect(levels.getByRole("button", { name: /^Info/u })).toHaveAttribute("aria-pressed", "false");
  // Counts stay those of all levels.
  await expect(levels.getByRole("button", { name: /^Info/u })).toHaveText("Info5");
  await levels.getByRole("button", { name: /^No level/u }).click();
  await expect(viewer.lines).toHaveCount(7);
  await levels.getByRole("button", { name: /^Info/u }).click();
  await expect(viewer.lines).toHaveCount(12);
});

test("the filter finds, marks what it found, and names the place of a mistake", async ({ appender, viewer }) => {
  await appender.lines(["request timed out", "all is well", "upstream TIMED OUT again"]);
  await viewer.open();
  await viewer.filter('"timed out"');
  await expect(viewer.lines).toHaveCount(2);
  await expect(viewer.list.locator("mark")).toHaveText(["timed out", "TIMED OUT"]);

  await viewer.search.fill('"timed out" severity>=LOUD');
  const problem = viewer.page.getByRole("alert");
  await expect(problem).toContainText('unknown severity "LOUD"');
  await expect(problem).toContainText("expected TRACE, DEBUG");
  await expect(viewer.page.locator(".wrong-part")).toHaveText("LOUD");
  await expect(viewer.search).toHaveAttribute("aria-invalid", "true");
  // What was read stays.
  await viewer.search.press("Enter");
  await expect(viewer.lines).toHaveCount(2);
  expect(viewer.query("q")).toBe('"timed out"');

  // The mark stands below the character that it is about.
  const [mark, input] = await Promise.all([viewer.page.locator(".wrong-part").boundingBox(), viewer.search.boundingBox()]);
  const charWidth = (mark!.width as number) / 4;
  expect(mark!.x).toBeCloseTo(input!.x + 22 * charWidth, 0);

  await viewer.search.fill("(a OR b");
  await expect(problem).toContainText("never closed");
  await viewer.search.fill("");
  await expect(problem).toHaveCount(0);
});

test("a parenthesis in the box cannot reach out of it", async ({ appender, viewer }) => {
  await appender.lines(["one"], "shop", 9);
  await appender.lines(["two"], "shop", 17);
  await viewer.open({ level: "error", q: "one) OR (two" });
  await expect(viewer.page.getByText("The server cannot read this filter")).toBeVisible();
});

test("streams and services are picked", async ({ appender, viewer, stream }) => {
  await appender.lines(["from cart"], "cart");
  await appender.lines(["from checkout"], "checkout");
  await appender.lines(numbered(300), "gateway");
  await viewer.open();
  await viewer.page.getByRole("button", { name: /^Services/u }).click();
  const panel = viewer.page.getByRole("dialog", { name: /^Services/u });
  await expect(panel.getByRole("checkbox")).toHaveCount(3);
  await panel.getByLabel("cart").check();
  await expect(viewer.lines).toHaveCount(1);
  await panel.getByLabel("checkout").check();
  await expect(viewer.lines).toHaveCount(2);
  await viewer.page.keyboard.press("Escape");
  await expect(panel).toHaveCount(0);
  expect(new URL(viewer.page.url()).searchParams.getAll("service").sort()).toEqual(["cart", "checkout"]);

  await viewer.page.getByRole("button", { name: /^Stream/u }).click();
  const streams = viewer.page.getByRole("dialog", { name: /^Stream/u });
  await expect(streams.getByRole("button", { name: stream })).toBeVisible();
  await streams.getByRole("textbox").fill("default");
  await viewer.page.keyboard.press("Escape");
  await expect(streams).toHaveCount(0);
});

test("dragging over the histogram zooms, a double click shows all", async ({ appender, viewer }) => {
  const records = Array.from({ length: 120 }, (_, second) => ({
    body: `second ${second}`,
    severityNumber: second === 60 ? 17 : 9,
    timeUnixNano: MORNING + BigInt(second) * SECOND,
  }));
  await appender.append({ records, service: "shop" });
  await viewer.open();
  await expect(viewer.page.locator(".volume-note")).toContainText("120 records");
  const box = (await viewer.page.locator(".plot .u-over").boundingBox())!;
  await viewer.page.mouse.move(box.x + box.width * 0.25, box.y + box.height / 2);
  await expect(viewer.page.locator(".volume-note")).toContainText("1 info");
  await viewer.page.mouse.down();
  await viewer.page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2, { steps: 4 });
  await viewer.page.mouse.up();
  await expect.poll(() => viewer.query("since")).not.toBeNull();
  const [since, until] = [Date.parse(viewer.query("since")!), Date.parse(viewer.query("until")!)];
  const start = Number(MORNING / 1_000_000n);
  expect(Math.abs(since - (start + 30_000))).toBeLessThanOrEqual(2_000);
  expect(Math.abs(until - (start + 60_000))).toBeLessThanOrEqual(2_000);
  await expect(viewer.lines).toHaveCount((until - since) / 1_000);
  await expect(viewer.state).toHaveText("History");
  await viewer.page.locator(".plot .u-over").dblclick();
  await expect.poll(() => viewer.query("since")).toBeNull();
  await expect(viewer.state).toHaveText("Live");
});

test("a record opens with its fields, which filter by + and −", async ({ appender, viewer }) => {
  const attribute = (key: string, value: object) => ({ key, value: { value } }) as never;
  await appender.append({
    service: "shop",
    records: [
      {
        body: '{"user":{"id":7},"ok":true,"big":12345678901234567890}',
        bodyKind: 1,
        severityNumber: 17,
        traceId: new Uint8Array(16).fill(0xab),
        spanId: new Uint8Array(8).fill(0xcd),
        scopeName: "app.Orders",
        attributes: [
          attribute("code", { case: "intValue", value: 500n }),
          attribute("weird key", { case: "stringValue", value: 'a "quoted" value' }),
          attribute("ratio", { case: "doubleValue", value: 0.5 }),
          text("user", "ann"),
        ],
      },
      { body: "other", attributes: [text("user", "bob")] },
    ],
  });
  await viewer.open({ tz: "utc" });
  await viewer.line("user").first().click();
  const detail = viewer.page.locator(".detail");
  await expect(detail.locator(".detail-body")).toHaveText('{\n  "user": {\n    "id": 7\n  },\n  "ok": true,\n  "big": 12345678901234567890\n}', { useInnerText: true });
  await expect(detail.getByRole("row", { name: /^trace_id/u })).toContainText("ab".repeat(16));
  await expect(detail.getByRole("link", { name: "Trace in Jaeger" }).first()).toHaveAttribute(
    "href",
    `http://jaeger.test:16686/trace/${"ab".repeat(16)}`,
  );
  await detail.getByRole("button", { name: "Only weird key of this value" }).click();
  await expect(viewer.search).toHaveValue('attributes."weird key"="a \\"quoted\\" value"');
  await expect(viewer.lines).toHaveCount(1);
  await viewer.line("user").first().click();
  await detail.getByRole("button", { name: "Not weird key of this value" }).click();
  await expect(viewer.search).toHaveValue('-attributes."weird key"="a \\"quoted\\" value"');
  await expect(viewer.line("other")).toBeVisible();
  await expect(viewer.lines).toHaveCount(1);
});

test("Jaeger's address is a setting", async ({ appender, viewer }) => {
  await appender.append({ records: [{ body: "traced", traceId: new Uint8Array(16).fill(1) }], service: "shop" });
  await viewer.open();
  await viewer.page.getByRole("button", { name: "Settings" }).click();
  const address = viewer.page.getByLabel("Jaeger's address");
  await expect(address).toHaveAttribute("placeholder", "http://jaeger.test:16686");
  await address.fill("javascript:alert(1)");
  await expect(viewer.page.getByText("This is no address that begins with")).toBeVisible();
  await address.fill("https://traces.example/jaeger/");
  await viewer.page.keyboard.press("Escape");
  await viewer.line("traced").click();
  await expect(viewer.page.getByRole("link", { name: "Trace in Jaeger" }).first()).toHaveAttribute(
    "href",
    `https://traces.example/jaeger/trace/${"01".repeat(16)}`,
  );
  await viewer.page.reload();
  await viewer.page.getByRole("button", { name: "Settings" }).click();
  await expect(address).toHaveValue("https://traces.example/jaeger/");
});

test("context shows what stands around a record, whatever the filter says", async ({ appender, viewer }) => {
  await appender.lines([...numbered(50), "the needle", ...numbered(50, 50)]);
  await viewer.open({ q: "needle" });
  await viewer.line("needle").click();
  await viewer.page.getByRole("button", { name: "Context" }).click();
  const lines = viewer.page.locator(".context-line");
  await expect(lines).toHaveCount(11);
  await expect(lines.nth(4)).toContainText("line 49 of");
  await expect(lines.nth(5)).toContainText("the needle");
  await expect(lines.nth(6)).toContainText("line 50 of");
  await viewer.page.getByRole("button", { name: "More" }).click();
  await expect(lines).toHaveCount(21);
  await viewer.page.getByRole("button", { name: "Go there without a filter" }).click();
  await expect(viewer.line("line 50 of")).toBeVisible();
  await expect(viewer.line("the needle")).toBeVisible();
  await viewer.page.goBack();
  await expect(viewer.lines).toHaveCount(1);
});

test("a link shows the same place to someone else", async ({ appender, viewer, context }) => {
  await fill(appender, 6_000);
  await viewer.open({ q: "line", wrap: "1", tz: "utc", density: "cosy" });
  await expect(viewer.line("line 5999 of")).toBeVisible();
  await viewer.list.hover();
  await viewer.page.mouse.wheel(0, -20_000);
  await expect.poll(() => viewer.query("cursor")).not.toBeNull();
  await expect.poll(async () => String((await visible(viewer))[0])).toBe(viewer.query("at"));
  const seen = await visible(viewer);
  expect(seen[0]).toBeLessThan(5_900);

  const other = await context.newPage();
  await other.goto(viewer.page.url());
  const theirs = new (viewer.constructor as typeof import("./fixtures").Viewer)(other, null as never, "");
  await expect.poll(async () => (await visible(theirs))[0]).toBe(seen[0]);
  await expect(other.getByRole("button", { name: "Times: UTC" })).toBeVisible();
  await expect(other.getByRole("button", { name: "Density: cosy" })).toBeVisible();
  await expect(other.getByRole("button", { name: "Wrap" })).toHaveAttribute("aria-pressed", "true");
  // Both directions go on from there.
  await theirs.list.hover();
  await expect(async () => {
    await other.mouse.wheel(0, 100_000);
    await expect(theirs.line("line 5999 of")).toBeVisible({ timeout: 50 });
  }).toPass();
});

test("what matches is downloaded", async ({ appender, viewer }) => {
  await appender.lines(["yes 1", "no", "yes 2"]);
  await viewer.open({ q: "yes" });
  await expect(viewer.lines).toHaveCount(2);
  await viewer.page.getByRole("button", { name: "Download what matches" }).click();
  await expect(viewer.page.getByText("2 records match now.")).toBeVisible();
  const [download] = await Promise.all([
    viewer.page.waitForEvent("download"),
    viewer.page.getByRole("link", { name: "Download NDJSON" }).click(),
  ]);
  const { readFileSync } = await import("node:fs");
  const lines = readFileSync((await download.path())!, "utf8").trim().split("\n").map((line) => JSON.parse(line) as { body?: string });
  expect(lines.map((line) => line.body).filter((body) => body !== undefined)).toEqual(["yes 1", "yes 2"]);
});

test("the keys work, and are said on a sheet", async ({ appender, viewer }) => {
  await fill(appender, 400);
  await appender.lines(["broken a"], "shop", 17);
  await fill(appender, 100);
  await viewer.open();
  await expect(viewer.line("line 99 of")).toBeVisible();
  await viewer.page.keyboard.press("?");
  await expect(viewer.page.getByRole("dialog", { name: "Keys and filters" })).toBeVisible();
  await viewer.page.keyboard.press("Escape");
  await expect(viewer.page.getByRole("dialog")).toHaveCount(0);
  // It looks among the lines that are there, which may still be coming.
  await expect(async () => {
    await viewer.page.keyboard.press("E");
    await expect(viewer.page.locator(".entry.selected")).toContainText("broken a", { timeout: 500 });
  }).toPass();
  await viewer.page.keyboard.press("j");
  await expect(viewer.page.locator(".entry.selected")).toContainText("line 0 of");
  await viewer.page.keyboard.press("Enter");
  await expect(viewer.page.locator(".detail")).toBeVisible();
  await viewer.page.keyboard.press("Escape");
  await expect(viewer.page.locator(".detail")).toHaveCount(0);
  await viewer.page.keyboard.press("g");
  await expect(viewer.line("line 0 of").first()).toBeVisible();
  await expect.poll(async () => (await visible(viewer))[0]).toBe(0);
  await viewer.page.keyboard.press("G");
  await expect(viewer.line("line 99 of")).toBeVisible();
  await expect(viewer.state).toHaveText("Live");
  await viewer.page.keyboard.press("w");
  await expect(viewer.page.getByRole("button", { name: "Wrap" })).toHaveAttribute("aria-pressed", "true");
  await viewer.page.keyboard.press("/");
  await expect(viewer.search).toBeFocused();
  await viewer.page.keyboard.type("w");
  await expect(viewer.page.getByRole("button", { name: "Wrap" })).toHaveAttribute("aria-pressed", "true");
});

test("a stream that is not there yet says so, and starts by itself", async ({ server, viewer, stream }) => {
  await viewer.open();
  await expect(viewer.page.getByText(`There is no stream ${stream} yet`)).toBeVisible();
  const { Appender } = await import("./appender");
  const appender = new Appender(server.address, stream);
  await appender.lines(["the first"]);
  await expect(viewer.line("the first")).toBeVisible();
  appender.close();
});

/** The offsets of the lines that are in view. */
async function visible(viewer: import("./fixtures").Viewer): Promise<number[]> {
  return viewer.list.evaluate((list) => {
    const top = list.getBoundingClientRect().top;
    const bottom = list.getBoundingClientRect().bottom;
    const entries = [...list.querySelectorAll<HTMLElement>(".entry")];
    const inside = entries.filter((entry) => entry.getBoundingClientRect().bottom > top + 1 && entry.getBoundingClientRect().top < bottom - 1);
    return inside.map((entry) => Number(entry.dataset["offset"]));
  });
}
