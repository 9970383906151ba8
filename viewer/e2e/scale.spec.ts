// Much of it: the page stays small and goes on drawing.
import { expect, fill, numbered, test } from "./fixtures";
import { heap, kept, record, recorded, scrollTo } from "./frames";

/** As in the reader. */
const WINDOW = 10_000;

test("a hundred thousand records are scrolled through in bounded memory", async ({ appender, viewer, page }, info) => {
  test.setTimeout(150_000);
  const total = 100_000;
  await fill(appender, total, "one of very many lines, long enough to be like those that programs write, with number");
  await viewer.open();
  await expect(viewer.line(`number ${total - 1} of`)).toBeVisible();
  const before = await heap(page);
  await viewer.wheel(-100);
  await record(page);
  await scrollTo(page, 0, -6_000);
  await expect(viewer.line("number 0 of")).toBeVisible();
  const frames = await recorded(page);
  const at = await kept(page);
  expect(at.lines).toBeLessThanOrEqual(WINDOW);
  expect(at.drawn).toBeLessThan(150);
  const after = await heap(page);
  expect(after).toBeLessThan(120);
  info.annotations.push({ type: "measured", description: `heap ${before} MiB, then ${after} MiB; frames ${JSON.stringify(frames)}` });

  // What fell out of the window at the other end is read again.
  await scrollTo(page, 15_000, 6_000);
  await expect(viewer.line("number 15000 of")).toBeVisible();
  expect((await kept(page)).lines).toBeLessThanOrEqual(WINDOW);
  await page.keyboard.press("End");
  await expect(viewer.line(`number ${total - 1} of`)).toBeVisible();
});

test("a burst is drawn while it comes, and the page answers", async ({ appender, viewer, page }, info) => {
  test.setTimeout(120_000);
  await appender.lines(["the first"]);
  await viewer.open();
  await expect(viewer.line("the first")).toBeVisible();
  await record(page);
  const total = 40_000;
  for (let from = 0; from < total; from += 1_000) await appender.lines(numbered(1_000, from, "burst"));
  // In the middle of it the page does what it is told.
  await page.keyboard.press("w");
  await expect(page.getByRole("button", { name: "Wrap" })).toHaveAttribute("aria-pressed", "true");
  await page.keyboard.press("w");
  await expect(viewer.line(`burst ${total - 1} of`)).toBeVisible();
  await expect(viewer.state).toHaveText("Live");
  const frames = await recorded(page);
  // How many depends on how fast the server takes it.
  expect(frames.count).toBeGreaterThan(5);
  const at = await kept(page);
  expect(at.lines).toBeLessThanOrEqual(WINDOW);
  const used = await heap(page);
  expect(used).toBeLessThan(120);
  info.annotations.push({ type: "measured", description: `heap ${used} MiB; frames ${JSON.stringify(frames)}` });
});
