import { describe, expect, it } from "vitest";
import { type ContextOptions, contextOf, messageOf, NOW_MS } from "#tests/source-testing";
import { type DocumentReader, draftOf, externalIdOf, interpretDocuments } from "./batch.ts";
import { textAt, timeAt } from "./members.ts";
import { redact } from "./redact.ts";
import { Refusal } from "./refusal.ts";

const NOW = "2026-11-22T12:00:00Z";

/** Reads `{"id": …, "at": …}`; `at: "receipt"` and `standing: true` are passed on. */
const reader: DocumentReader = {
  redact: (document) => redact(document, [["secret"]]),
  read(document, _, digest) {
    if (document.bad === true) throw new Refusal("claims", "bad");
    const id = textAt(document, "id");
    if (id === null) return [];
    return [
      draftOf({
        externalId: id === "digest" ? digest : id,
        type: "node.ready",
        outcome: "success",
        occurredAtMs: document.at === "receipt" ? "receipt" : timeAt(document, "at"),
        standing: document.standing === true,
      }),
    ];
  },
};

const one = (id: string, more: object = {}) => ({ id, at: NOW, ...more });

async function read(body: string, options?: ContextOptions, mediaType = "application/octet-stream") {
  const { items, rejections } = await interpretDocuments(
    messageOf(body, { mediaType }),
    contextOf(options),
    reader,
  );
  return {
    ids: items.map((item) => (item.kind === "bootstrap" ? item.event.externalId : "?")),
    events: items.flatMap((item) => (item.kind === "bootstrap" ? [item.event] : [])),
    raws: items.map(({ raw }) => new TextDecoder().decode(raw)),
    refused: rejections.map(({ code, raw }) => [code, new TextDecoder().decode(raw)]),
  };
}

describe("documents", () => {
  it.each([
    ["one document", JSON.stringify(one("a")), ["a"]],
    ["one document over many lines", JSON.stringify(one("a"), null, 2), ["a"]],
    ["an array", JSON.stringify([one("a"), one("b")]), ["a", "b"]],
    ["a list object over many lines", JSON.stringify({ items: [one("a"), one("b")] }, null, 2), ["a", "b"]],
    ["lines", `${JSON.stringify(one("a"))}\r\n\n${JSON.stringify(one("b"))}\n`, ["a", "b"]],
    [
      "lines with an array among them",
      `${JSON.stringify([one("a")])}\n${JSON.stringify(one("b"))}`,
      ["a", "b"],
    ],
  ])("reads %s", async (_, body, ids) => {
    expect(await read(body)).toMatchObject({ ids, refused: [] });
  });

  it("loses no good line to a bad one, also when the first is bad", async () => {
    const lines = ["{", "7", JSON.stringify(one("a")), '{"bad":true}', JSON.stringify(one("b"))].join("\n");
    const { ids, refused } = await read(lines);
    expect(ids).toEqual(["a", "b"]);
    expect(refused.map(([code, raw]) => `${code} ${raw}`)).toEqual([
      "event/malformed {",
      "event/malformed 7",
      'event/claims {"bad":true}',
    ]);
  });

  it("takes a single line for a line when the media type says so", async () => {
    expect((await read("{\n}", {}, "application/x-ndjson")).refused).toHaveLength(2);
    expect((await read("{\n}")).refused).toEqual([]);
  });

  it("tells elements of a typed list what they are, and keeps what they say themselves", async () => {
    const seen: unknown[] = [];
    const spy: DocumentReader = {
      ...reader,
      read(document) {
        seen.push(document);
        return [];
      },
    };
    const list = { kind: "NodeList", apiVersion: "v1", items: [{ a: 1 }, { kind: "Pod" }] };
    await interpretDocuments(messageOf(JSON.stringify(list)), contextOf(), spy);
    await interpretDocuments(messageOf('{"kind":"List","items":[{"b":1}]}'), contextOf(), spy);
    expect(seen).toEqual([
      { kind: "Node", apiVersion: "v1", a: 1 },
      { kind: "Pod", apiVersion: "v1" },
      { b: 1 },
    ]);
  });

  it("keeps the bytes as they came, unless something was taken out", async () => {
    const body = ` ${JSON.stringify(one("a"))}`;
    expect((await read(body)).raws).toEqual([body]);
    const { raws, events } = await read(JSON.stringify(one("a", { secret: "s" })));
    expect(raws).toEqual([JSON.stringify(one("a"))]);
    expect(events[0]?.redactions).toEqual(["/secret"]);
  });

  it("takes secrets out of what is refused, too", async () => {
    const { refused } = await read(
      JSON.stringify([{ bad: true, secret: "s3cret" }, one("x", { at: 7, secret: "s3cret" })]),
    );
    expect(refused).toHaveLength(2);
    expect(JSON.stringify(refused)).not.toContain("s3cret");
  });

  it("refuses what is no object, too large or too much", async () => {
    expect((await read("[7]")).refused).toEqual([["event/malformed", "7"]]);
    expect((await read("")).refused).toHaveLength(1);
    expect((await read(`[${"{},".repeat(20_000)}{}]`)).refused[0]?.[0]).toBe("batch/too-many");
    expect((await read("{}\n".repeat(20_001))).refused[0]?.[0]).toBe("batch/too-many");
    const long = `${JSON.stringify(one("a"))}\n{"a":"${"x".repeat(1_048_576)}"}`;
    expect(await read(long)).toMatchObject({
      ids: ["a"],
      refused: [["event/too-large", expect.any(String)]],
    });
  });
});

describe("time", () => {
  it("refuses an event without a time, and one outside the window", async () => {
    expect((await read(JSON.stringify(one("a", { at: null })))).refused[0]?.[0]).toBe("event/claims");
    expect((await read(JSON.stringify(one("a", { at: "2026-11-22T11:00:00Z" })))).refused[0]?.[0]).toBe(
      "event/expired",
    );
    expect(
      (await read(JSON.stringify(one("a", { at: "2026-11-22T12:06:00Z", standing: true })))).refused[0]?.[0],
    ).toBe("event/future");
  });

  it("leaves out what has been so for longer than accepted, but not from history", async () => {
    const body = JSON.stringify(one("a", { at: "2026-11-22T11:54:59Z", standing: true }));
    expect(await read(body)).toMatchObject({ ids: [], refused: [] });
    expect(await read(body, { backfill: true })).toMatchObject({ ids: ["a"] });
    const edge = JSON.stringify(one("a", { at: "2026-11-22T11:55:00Z", standing: true }));
    expect(await read(edge)).toMatchObject({ ids: ["a"] });
  });

  it("takes the time of receipt only where the document can have none, and never in history", async () => {
    const body = JSON.stringify(one("a", { at: "receipt" }));
    expect((await read(body)).events[0]?.occurredAtMs).toBe(NOW_MS);
    expect((await read(body, { backfill: true })).refused).toHaveLength(1);
  });
});

describe("externalIdOf", () => {
  it("joins parts, and hashes what is no id any more", () => {
    expect(externalIdOf("a", null, 2)).toBe("a::2");
    expect(externalIdOf("x".repeat(257))).toMatch(/^[0-9a-f]{64}$/);
    expect(externalIdOf("a\nb")).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("draftOf", () => {
  it("says nothing that is not given and cuts what is too long", () => {
    const base = { externalId: "a", type: "node.ready", outcome: "success", occurredAtMs: 1 } as const;
    expect(draftOf(base)).toMatchObject({
      reasonCode: null,
      reasonText: null,
      identities: [],
      displayName: null,
      actor: { kind: "unknown", id: null, address: null },
      method: null,
      requestId: null,
    });
    const long = draftOf({ ...base, reasonText: "x".repeat(501), displayName: "", method: "m".repeat(129) });
    expect(long.reasonText).toHaveLength(500);
    expect(long.displayName).toBeNull();
    expect(long.method).toHaveLength(128);
  });
});
