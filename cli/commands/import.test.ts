import { describe, expect, it } from "vitest";
import type { IngestResult } from "#lib/contracts/ingest";
import { ProblemError } from "#lib/domain/problems";
import { importLines, type RefusedLine } from "./import-batches.ts";
import { MAX_LINE_BYTES, readLines, wrapLine } from "./import-lines.ts";

async function* chunks(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const SOURCE = "urn:touchstone:source:s";
const problem = (code: string) => ({ type: "", title: "", status: 422, code, detail: "no" });

describe("readLines", () => {
  it.each([1, 2, 3, 7, 1000])("splits alike whatever the pieces (%i bytes)", async (size) => {
    const lines = await Array.fromAsync(readLines(chunks("a\n\n é€ \r\nlast", size)));
    expect(lines).toEqual([
      { number: 1, text: "a" },
      { number: 3, text: "é€" },
      { number: 4, text: "last" },
    ]);
  });

  it("drops a line that is too long and goes on behind it", async () => {
    const text = `first\n${"x".repeat(MAX_LINE_BYTES + 1)}\nthird\n`;
    const lines = await Array.fromAsync(readLines(chunks(text, 65_536)));
    expect(lines).toEqual([
      { number: 1, text: "first" },
      { number: 2, text: null },
      { number: 3, text: "third" },
    ]);
  });
});

describe("wrapLine", () => {
  const wrapped = (text: string) => {
    const result = wrapLine(text, SOURCE);
    if ("problem" in result) throw new Error(result.problem);
    return JSON.parse(result.event);
  };

  it("leaves an event as it is, to the byte", () => {
    const text = '{"specversion":"1.0","id":"1",  "source":"x","type":"y"}';
    expect(wrapLine(text, SOURCE)).toEqual({ event: text });
  });

  it("wraps a token as an attestation result", () => {
    expect(wrapped("aa.bb.cc")).toMatchObject({
      source: SOURCE,
      datacontenttype: "application/eat+jwt",
      data: "aa.bb.cc",
    });
  });

  it("keeps the exact bytes of a native document, and gives equal bytes equal ids", () => {
    const text = '{ "type":"audit", "method":"AttestAgent" }';
    const event = wrapped(text);
    expect(Buffer.from(event.data_base64, "base64").toString()).toBe(text);
    expect(event.type).toBe("dev.touchstone.bootstrap.event.v1");
    expect(wrapped(text).id).toBe(event.id);
  });

  it.each(["nonsense", "[1]", "42", '{"a":1,"a":2}', "{"])("refuses %s", (text) => {
    expect(wrapLine(text, SOURCE)).toHaveProperty("problem");
  });
});

describe("importLines", () => {
  const run = async (text: string, send: (events: { id: string }[]) => IngestResult) => {
    const refused: RefusedLine[] = [];
    const batches: number[] = [];
    const totals = await importLines(readLines(chunks(text, 4096)), {
      source: SOURCE,
      refused: (line) => refused.push(line),
      send: async (batch) => {
        const events = JSON.parse(batch);
        batches.push(events.length);
        return send(events);
      },
    });
    return { totals, refused, batches };
  };
  const event = (id: string) => JSON.stringify({ specversion: "1.0", id, source: "x", type: "y" });

  it("sends in bounded batches and gives every refusal its line", async () => {
    const lines = Array.from({ length: 1200 }, (_, n) => event(`e${n}`));
    lines[700] = "broken";
    const { totals, refused, batches } = await run(lines.join("\n"), (events) => ({
      accepted: events.length - events.filter(({ id }) => id === "e1000").length,
      duplicate: 0,
      rejected: events.flatMap(({ id }, index) =>
        id === "e1000" ? [{ index, id, problem: problem("event/signature") }] : [],
      ),
    }));
    expect(Math.max(...batches)).toBeLessThanOrEqual(500);
    expect(totals).toEqual({ lines: 1200, accepted: 1198, duplicate: 0, rejected: 2 });
    expect(refused.map(({ line, code }) => [line, code])).toEqual([
      [701, "event/malformed"],
      [1001, "event/signature"],
    ]);
  });

  it("finds the one event that spoils a batch", async () => {
    const { totals, refused } = await run(["a", "b", "bad", "c", "d"].map(event).join("\n"), (events) => {
      if (events.some(({ id }) => id === "bad")) throw new ProblemError("request/malformed", "no");
      return { accepted: events.length, duplicate: 0, rejected: [] };
    });
    expect(totals).toEqual({ lines: 5, accepted: 4, duplicate: 0, rejected: 1 });
    expect(refused).toEqual([{ line: 3, code: "request/malformed", detail: "no" }]);
  });

  it("stops when the key is refused: no later line could do better", async () => {
    const denied = () => {
      throw new ProblemError("auth/required", "Send an API key.");
    };
    await expect(run(event("a"), denied)).rejects.toThrow("Send an API key.");
  });
});
