// Reports in the Test Anything Protocol, which `cargo xtask test` counts.
import type { FullConfig, Reporter, Suite, TestCase, TestResult } from "@playwright/test/reporter";

export default class Tap implements Reporter {
  private number = 0;

  onBegin(_: FullConfig, suite: Suite): void {
    console.log(`TAP version 13\n1..${suite.allTests().length}`);
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    this.number += 1;
    const name = test.titlePath().filter((part) => part !== "").join(" - ").replace(/#/gu, "");
    if (result.status === "skipped") return console.log(`ok ${this.number} ${name} # SKIP`);
    console.log(`${result.status === "passed" ? "ok" : "not ok"} ${this.number} ${name} (${result.duration} ms)`);
    for (const { annotation, text } of test.annotations.map((each) => ({ annotation: each.type, text: each.description }))) {
      console.log(`# ${annotation}: ${text ?? ""}`);
    }
    for (const { message, stack } of result.errors) console.log((stack ?? message ?? "").replace(/^/gmu, "# "));
  }
}
