// What a check of a sender needs: records read back from a Spile server, and TAP.
"use strict";

/** All records of a stream, in order, as `GET /v1/tail` gives them. */
async function stored(address, stream) {
  const query = new URLSearchParams({ stream, from: "oldest", follow: "false" });
  const answer = await fetch(`http://${address}/v1/tail?${query}`, { headers: { accept: "application/x-ndjson" } });
  const lines = (await answer.text()).trim().split("\n").map((line) => JSON.parse(line));
  if (lines.at(-1).end?.reason !== "end-of-history") throw new Error(`ended otherwise: ${JSON.stringify(lines.at(-1))}`);
  return lines.filter((line) => "body" in line);
}

/** Runs checks one after the other and prints TAP; each gives its figures. */
async function run(checks) {
  console.log(`TAP version 14\n1..${Object.keys(checks).length}`);
  let number = 0;
  for (const [name, check] of Object.entries(checks)) {
    number += 1;
    try {
      console.log(`ok ${number} - ${name} # ${await check()}`);
    } catch (error) {
      process.exitCode = 1;
      console.log(`not ok ${number} - ${name}\n# ${String(error.stack).replaceAll("\n", "\n# ")}`);
    }
  }
}

module.exports = { stored, run };
