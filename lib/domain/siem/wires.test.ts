import fc from "fast-check";
import { expect, it } from "vitest";
import { FEED_SAMPLES } from "#tests/feed-samples";
import { cefHeader, cefLine, cefValue } from "./cef.ts";
import { outgoingOf } from "./outgoing.ts";
import { patienceMs } from "./patience.ts";
import { framed, sdValue, syslogMessage } from "./syslog.ts";

const emitter = { version: "1.8.0", productVersion: "1.0.0", url: "https://touchstone.example" } as const;
const outgoing = FEED_SAMPLES.flatMap((item) => outgoingOf(item, emitter) ?? []);
const identity = { host: "touchstone.example", enterprise: 32_473 };
const bytes = (text: string) => Buffer.byteLength(text);
/** Every code unit, halves of pairs among them. */
const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
});

it("writes CEF as it always did, hostile names included", async () => {
  const lines = outgoing.map((one) => cefLine(one, "1.0.0", "https://touchstone.example"));
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("./cef.golden.txt");
});

it("writes RFC 5424 as it always did, hostile names included", async () => {
  const lines = outgoing.map((one) => syslogMessage(one, identity, { body: one.message, isText: true }));
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("./syslog.golden.txt");
});

/** Reads a field of CEF back: a backslash takes the next character as it is. */
const unescaped = (text: string) =>
  text.replace(/\\([\s\S])/g, (_, next: string) => (next === "n" ? "\n" : next === "r" ? "\r" : next));

it("lets no text leave its field of CEF", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(cefHeader(text).replace(/\\[\s\S]/g, "")).not.toMatch(/[|\\\n\r]/);
      expect(cefValue(text).replace(/\\[\s\S]/g, "")).not.toMatch(/[=\\\n\r]/);
      const plain = text.replace(/\p{C}|\p{Z}/gu, "");
      expect(unescaped(cefValue(plain))).toBe(plain);
      expect(unescaped(cefHeader(plain))).toBe(plain);
    }),
  );
});

it("lets no text leave its value of structured data, and no message its line", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(sdValue(text).replace(/\\[\s\S]/g, "")).not.toMatch(/["\]\\\n\r]/);
      const [first] = outgoing;
      if (!first) throw new Error("no sample");
      const named = { ...first, node: { id: "n", name: text }, message: text };
      const message = syslogMessage(named, { ...identity, host: text }, { body: text, isText: true });
      expect(message).not.toMatch(/[\n\r]/);
      expect(message).toMatch(
        /^<\d{1,3}>1 \S+ [\x21-\x7e]{1,255} touchstone - [\x21-\x7e]{1,32} \[ts@32473 /,
      );
    }),
  );
});

it("frames a message by its bytes, so that whoever counts finds the next one", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" }), { minLength: 1 }), (messages) => {
      let rest = Buffer.from(messages.map((message) => framed(message, bytes)).join(""));
      for (const message of messages) {
        const space = rest.indexOf(0x20);
        const size = Number(rest.subarray(0, space).toString());
        expect(rest.subarray(space + 1, space + 1 + size).toString()).toBe(message);
        rest = rest.subarray(space + 1 + size);
      }
      expect(rest).toHaveLength(0);
    }),
  );
});

it("leaves what is large out of an event, and says so", () => {
  const item = FEED_SAMPLES.find(({ fact }) => fact.kind === "audit");
  if (item?.fact.kind !== "audit") throw new Error("no sample");
  const large = outgoingOf(
    { ...item, fact: { ...item.fact, after: { text: "x".repeat(100_000) } } },
    emitter,
  );
  expect(JSON.stringify(large?.event).length).toBeLessThan(60_000);
  expect(large?.event.metadata).toMatchObject({ is_truncated: true });
});

it("waits longer with each failure, and never shorter than it was asked to", () => {
  expect([1, 2, 7, 50].map((failures) => patienceMs(failures, null))).toEqual([
    5_000, 30_000, 3_600_000, 3_600_000,
  ]);
  expect(patienceMs(1, 60_000)).toBe(60_000);
  expect(patienceMs(7, 1)).toBe(3_600_000);
});
