// Text of others: shown as it is, and never more than text. And everyone can use the page.
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { text } from "./appender";
import { expect, fill, numbered, test } from "./fixtures";

const HOSTILE = [
  "<script>window.__broken = 1</script>",
  '<img src=x onerror="window.__broken = 1">',
  "<svg onload=window.__broken=1>",
  '"><iframe srcdoc="<script>parent.__broken=1</script>">',
  "javascript:window.__broken=1",
  "&lt;b&gt;entities&lt;/b&gt;",
  "\u001b[31mred\u001b[0m and \u001b]8;;http://evil.test\u0007link\u001b]8;;\u0007",
  "access level: user\u202e // evil\u2066 admin\u2069",
  "zero\u200bwidth\ufeff and \u0000 null and \u0085 and \u2028 and tag \u{e0041}",
  "{{constructor.constructor('window.__broken=1')()}} ${window.__broken=1}",
  "first line\nsecond line\r\nthird\tafter a tab",
];

test("log text is text: no markup, no script, nothing that hides", async ({ appender, viewer, page }) => {
  await appender.append({
    service: "<b>shop</b>\u202e",
    records: HOSTILE.map((body) => ({ body, severityNumber: 9, attributes: [text(`<i>${body.slice(0, 40)}</i>`, body)], scopeName: body, eventName: body })),
  });
  await viewer.open();
  await expect(viewer.lines).toHaveCount(HOSTILE.length);
  for (let index = 0; index < HOSTILE.length; index += 1) {
    await viewer.lines.nth(index).click();
    await expect(page.locator(".detail")).toBeVisible();
    await page.getByRole("button", { name: "Context" }).click();
    await expect(page.locator(".context-line")).not.toHaveCount(0);
    const shown = await viewer.list.innerText();
    // eslint-disable-next-line no-control-regex
    expect(shown).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\u2028\ufeff]/u);
    await page.keyboard.press("Escape");
    await expect(page.locator(".detail")).toHaveCount(0);
  }
  await expect(viewer.lines.nth(0)).toContainText("<script>window.__broken = 1</script>");
  await expect(viewer.lines.nth(6)).toContainText("␛[31mred␛[0m");
  await expect(viewer.lines.nth(7)).toContainText("user‹U+202E› // evil‹U+2066›");
  await expect(viewer.lines.nth(8)).toContainText("zero‹U+200B›width");
  await expect(viewer.lines.nth(10)).toContainText("first line↵second line");
  expect(await viewer.list.locator("script, img, svg:not(.icon), iframe, b, i").count()).toBe(0);
  await viewer.page.getByRole("button", { name: "Wrap" }).click();
  await viewer.page.getByRole("button", { name: /^Services/u }).click();
  await expect(page.getByRole("checkbox", { name: "<b>shop</b>‹U+202E›" })).toBeVisible();
  expect(await page.evaluate(() => (window as unknown as { __broken?: number }).__broken)).toBeUndefined();
  expect(await page.evaluate(() => document.documentElement.innerHTML.includes("<b>shop"))).toBe(false);
});

test("the policy is strict, and nothing of the page is inline", async ({ server, page }) => {
  const response = (await page.goto(server.url))!;
  const policy = response.headers()["content-security-policy"] ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain("unsafe");
  const html = await response.text();
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/u);
  expect(html).not.toMatch(/\sstyle=|<style|\son\w+=/u);
});

for (const scheme of ["light", "dark"] as const) {
  test(`axe finds nothing, ${scheme}`, async ({ appender, viewer, page }) => {
    test.setTimeout(120_000);
    // Few lines in view: each is looked at by axe, every time.
    await page.setViewportSize({ width: 1280, height: 460 });
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    const levels = [1, 5, 9, 13, 17, 21, 0];
    await fill(appender, 1_200);
    await appender.append({
      service: "shop",
      records: numbered(70).map((body, index) => ({
        body: `${body} \u001b[0m`,
        severityNumber: levels[index % levels.length]!,
        traceId: new Uint8Array(16).fill(3),
        attributes: [text("user", "ann")],
      })),
    });
    await viewer.open({ q: "line" });
    await expect(viewer.line("line 69 of")).toBeVisible();
    await expect(page.getByRole("button", { name: /^Error/u })).toHaveText("Error10");
    await expectAccessible(page, "the page");

    await viewer.line("line 64 of").last().click();
    await page.getByRole("button", { name: "Context" }).click();
    await expect(page.locator(".context-line").first()).toBeVisible();
    await expectAccessible(page, "an open record");
    await page.keyboard.press("Escape");

    await page.getByRole("button", { name: /^Services/u }).click();
    await expect(page.getByRole("checkbox", { name: "shop" })).toBeVisible();
    await expectAccessible(page, "the services");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^Time range/u }).click();
    await expectAccessible(page, "the time range");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^Stream/u }).click();
    await expect(page.locator(".choice").first()).toBeVisible();
    await expectAccessible(page, "the streams");
    await page.keyboard.press("Escape");

    for (const [button, title] of [["Settings", "Settings"], ["Keys and filters", "Keys and filters"], ["Download what matches", "Download what matches"]]) {
      await page.getByRole("button", { name: button! }).click();
      await expect(page.getByRole("dialog", { name: title! })).toBeVisible();
      await expectAccessible(page, title!);
      await page.keyboard.press("Escape");
    }
    await viewer.search.fill("severity>=LOUD");
    await expect(page.getByRole("alert")).toBeVisible();
    await expectAccessible(page, "a filter that is wrong");
    await viewer.filter('"there is no such line"');
    await expect(page.getByText("No record matches")).toBeVisible();
    await expectAccessible(page, "nothing that matches");
    await viewer.filter("line");
    await page.keyboard.press("Escape");
    await viewer.list.hover();
    await page.mouse.wheel(0, -4_000);
    await appender.lines(["a new line"]);
    await expect(page.locator(".fresh")).toBeVisible();
    await expectAccessible(page, "new lines below");
  });
}

test("the page fits from 360 pixels to 4K", async ({ appender, viewer, page }) => {
  await fill(appender, 400);
  for (const [width, height] of [[360, 640], [768, 1024], [1280, 720], [3840, 2160]] as const) {
    await page.setViewportSize({ width, height });
    await viewer.open();
    await expect(viewer.line("line 399 of")).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    for (const control of [viewer.search, page.getByRole("button", { name: /errors$/u }), page.getByRole("button", { name: "Keys and filters" })]) {
      const box = (await control.boundingBox())!;
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width).toBeLessThanOrEqual(width);
    }
    for (const name of [/^Stream/u, /^Services/u, /^Time range/u]) {
      await page.getByRole("button", { name }).click();
      const panel = (await page.locator(".panel").boundingBox())!;
      expect(panel.x, `${name} at ${width}`).toBeGreaterThanOrEqual(0);
      expect(panel.x + panel.width, `${name} at ${width}`).toBeLessThanOrEqual(width);
      await page.keyboard.press("Escape");
    }
  }
});

async function expectAccessible(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(" ")} ${node.failureSummary ?? ""}`).join("; ").slice(0, 700)}`);
  expect(found, what).toEqual([]);
}
