import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contextOf, messageOf, NOW_MS } from "#tests/source-testing";
import { spireSource } from "./index.ts";

const known = fc.record({
  attestationType: fc.constantFrom("tpm_devid", "join_token"),
  serial: fc.constantFrom("", "1", "2"),
  expiresAt: fc.option(fc.constantFrom(NOW_MS / 1000 - 60, NOW_MS / 1000 + 60)),
  banned: fc.boolean(),
  canReattest: fc.boolean(),
  selectorsSha256: fc.constantFrom("a".repeat(64), "b".repeat(64)),
  isExpired: fc.boolean(),
});
const agent = fc
  .tuple(fc.option(known), fc.option(known))
  .filter(([entry, previous]) => entry !== null || previous !== null)
  .map(([entry, previous]) => ({
    schema: "touchstone.spire.agent/1",
    observedAt: new Date(NOW_MS - 1000).toISOString(),
    id: "spiffe://td.example/spire/agent/tpm_devid/3f9c",
    entry,
    previous,
  }));

const read = async (document: unknown) => {
  const text = JSON.stringify(document);
  const { items, rejections } = await spireSource.interpret(messageOf(text), contextOf());
  return {
    rejections,
    events: items.flatMap((item) => (item.kind === "bootstrap" ? [item.event] : [])),
  };
};

describe("what changed between two lists", () => {
  it("names each event once, and the same document gives the same ids", () =>
    fc.assert(
      fc.asyncProperty(agent, async (document) => {
        const { events, rejections } = await read(document);
        expect(rejections).toEqual([]);
        const ids = events.map(({ externalId }) => externalId);
        expect(new Set(ids).size).toBe(ids.length);
        expect((await read(document)).events).toEqual(events);
      }),
    ));

  it("never gives a credential to an agent that is banned or gone", () =>
    fc.assert(
      fc.asyncProperty(agent, async (document) => {
        const { events } = await read(document);
        const isOut = document.entry === null || document.entry.banned;
        const issued = events.filter(({ credential }) => credential !== undefined);
        expect(issued.length).toBeLessThanOrEqual(isOut ? 0 : 1);
        if (document.entry === null) expect(events.map(({ type }) => type)).toHaveLength(1);
      }),
    ));

  it("is no event when nothing changed", () =>
    fc.assert(
      fc.asyncProperty(agent, async (document) => {
        if (document.entry === null) return;
        expect((await read({ ...document, previous: document.entry })).events).toEqual([]);
      }),
    ));

  it("is refused or read whatever the document holds, and never throws", () =>
    fc.assert(
      fc.asyncProperty(agent, fc.string(), fc.jsonValue(), async (document, name, value) => {
        const names = Object.keys(document);
        const at = names.includes(name) ? name : (names[name.length % names.length] ?? "id");
        const { events, rejections } = await read({ ...document, [at]: value });
        if (at === "id" || at === "observedAt") expect(events).toEqual([]);
        expect(rejections.length).toBeLessThanOrEqual(1);
      }),
    ));
});
