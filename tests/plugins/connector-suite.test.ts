/** What every connector promises, run over the registry against fakes of the systems over HTTP. */
import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ConnectorContext, ConnectorError, type Target } from "#lib/connectors/contract";
import { CONNECTORS, connectorByKind } from "#lib/connectors/registry";
import type { Conduct } from "#tests/stubs/conduct";
import { CANARY, type Rig, rigContext } from "#tests/stubs/connectors/rig";
import { RIGS } from "#tests/stubs/connectors/rigs";

const KEY = "0190a7c0-0000-7000-8000-000000000001:node:3";
/** Starts of one step until it is observed to be done. */
const STARTS = 8;

describe("the registry", () => {
  it("gives every kind one folder, one fake and one guide page", () => {
    const kinds = CONNECTORS.map(({ kind }) => kind);
    expect(new Set(kinds).size).toBe(kinds.length);
    expect(RIGS.map(({ connector }) => connector.kind).toSorted()).toEqual(kinds.toSorted());
    for (const connector of CONNECTORS) {
      expect(connector.kind).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(connectorByKind(connector.kind)).toBe(connector);
      const page = new URL(`../../docs/guide/${connector.guide}.md`, import.meta.url);
      expect(existsSync(page), page.pathname).toBe(true);
    }
    expect(connectorByKind("constructor")).toBeUndefined();
  });

  it("has verbs whose undoing is a verb, too, and never destroys", () => {
    for (const { verbs } of CONNECTORS) {
      for (const { undo, timeoutMs, words } of Object.values(verbs)) {
        expect(words).not.toBe("");
        expect(timeoutMs).toBeGreaterThan(0);
        if (undo !== null) expect(verbs[undo]?.destructive).toBe(false);
      }
    }
  });
});

describe.each(RIGS)("the connector $connector.kind", (maker) => {
  const { connector, readsAnswers } = maker;
  const verbs = Object.keys(connector.verbs);
  let rig: Rig;
  let memory: Map<string, unknown>;

  const fresh = async () => {
    rig = await maker.start();
    memory = new Map();
  };
  beforeEach(fresh);
  afterEach(() => rig.fake.close());

  const ctx = (overrides?: Partial<ConnectorContext>) => rigContext(maker, rig, memory, overrides);
  const targetOf = (node = rig.node): Target => {
    const target = connector.targetOf(node, connector.settings.parse(rig.settings));
    if (!target) throw new Error("the node is not known");
    return target;
  };
  const start = (verb: string, overrides?: Partial<ConnectorContext>) =>
    connector.start(ctx(overrides), targetOf(), verb, KEY);
  const observe = (verb: string) => connector.observe(ctx(), targetOf(), verb, KEY);
  const calls = (verb: string): [string, (given: ConnectorContext) => Promise<unknown>][] => [
    ["test", (given) => connector.test(given)],
    ["preview", (given) => connector.preview(given, targetOf(), verb)],
    ["start", (given) => connector.start(given, targetOf(), verb, KEY)],
    ["observe", (given) => connector.observe(given, targetOf(), verb, KEY)],
    ["abort", (given) => connector.abort(given, targetOf(), verb, KEY)],
  ];
  /** What a call came to, and whether it asked the system anything. */
  async function outcomeOf(call: (given: ConnectorContext) => Promise<unknown>, given = ctx()) {
    const before = rig.fake.requests.length;
    const [result, error] = await call(given).then(
      (value) => [value, null] as const,
      (caught: Error) => [null, caught] as const,
    );
    return { result, error, asked: rig.fake.requests.length > before };
  }

  /** Start and start again, as an execution does, until it is observed to be done. */
  async function runToEnd(verb: string) {
    for (let round = 0; round < STARTS; round += 1) {
      await start(verb);
      rig.settle(verb, memory);
      const { state } = await observe(verb);
      if (state !== "running") return state;
    }
    return "running";
  }

  it("passes its own test against a system that grants what the guide asks for", async () => {
    const checks = await connector.test(ctx());
    expect(checks.filter(({ ok, blocking }) => blocking && !ok)).toEqual([]);
    expect(checks.length).toBeGreaterThan(0);
    expect(rig.fake.effects).toEqual([]);
  });

  describe.each(verbs)("%s", (verb) => {
    it("is not started before it was, comes to its end, and starts once however often it is started", async () => {
      rig.prepare(verb);
      expect((await observe(verb)).state).toBe("not_started");
      expect(await runToEnd(verb)).toBe("done");
      const made = [...rig.fake.effects];
      expect(new Set(made).size).toBe(made.length);
      expect(made).not.toEqual([]);
      expect(await start(verb)).toMatchObject({ again: true });
      expect(rig.fake.effects).toEqual(made);
    });

    it("is found again after any lost answer, and makes no change twice", async () => {
      rig.prepare(verb);
      await runToEnd(verb);
      const made = rig.fake.effects.toSorted();
      for (let nth = 1; nth <= made.length; nth += 1) {
        await rig.fake.close();
        await fresh();
        rig.prepare(verb);
        rig.fake.conduct = { lose: nth };
        const error = await start(verb).then(
          () => null,
          (caught: ConnectorError) => caught,
        );
        if (error) expect(error).toMatchObject({ name: "ConnectorError", retry: true });
        rig.fake.conduct = "plain";
        expect((await observe(verb)).state, `after answer ${nth}`).not.toBe("not_started");
        expect(await runToEnd(verb)).toBe("done");
        expect(rig.fake.effects.toSorted()).toEqual(made);
      }
    });

    it("is previewed without a change, and without a request that could be one", async () => {
      rig.prepare(verb);
      const preview = await connector.preview(ctx(), targetOf(), verb);
      expect(preview.steps.length).toBeGreaterThan(0);
      expect(preview.ok).toBe(true);
      expect(rig.fake.effects).toEqual([]);
      expect(memory.size).toBe(0);
      for (const { method, path, query } of rig.fake.requests) {
        const request = { method: method as "GET", url: `${rig.fake.url}${path}?${query}` };
        const isHarmless = connector.reads?.includes(path) || connector.isRehearsal?.(request);
        if (method !== "GET") expect(isHarmless, `${method} ${path}`).toBe(true);
      }
    });

    it("is refused for good where the credentials are", async () => {
      rig.prepare(verb);
      for (const code of [401, 403]) {
        rig.fake.conduct = { status: code };
        for (const [name, call] of calls(verb)) {
          const { error, asked } = await outcomeOf(call);
          if (!asked) continue;
          expect(error, `${name} at ${code}`).toMatchObject({ kind: "unauthorized", retry: false });
        }
      }
      expect(rig.fake.effects).toEqual([]);
    });

    it("stops within a second when it is told to, although the system says nothing", async () => {
      rig.prepare(verb);
      rig.fake.conduct = "hang";
      const controller = new AbortController();
      const reason = new Error("stop");
      const running = start(verb, { signal: controller.signal }).catch((caught: unknown) => caught);
      await vi.waitFor(() => expect(rig.fake.requests.length).toBeGreaterThan(0));
      const atMs = performance.now();
      controller.abort(reason);
      expect(await running).toBe(reason);
      expect(performance.now() - atMs).toBeLessThan(1_000);
    });

    it("gives up on a system that does not answer in time, and says that it may be asked again", async () => {
      rig.prepare(verb);
      const { request, rpc } = ctx();
      const hasty = ctx({
        request: (init, signal) => request({ ...init, timeoutMs: 30 }, signal),
        rpc: (call, signal) => rpc({ ...call, timeoutMs: 200 }, signal),
      });
      rig.fake.conduct = "hang";
      for (const [name, call] of calls(verb)) {
        const { error, asked } = await outcomeOf(call, hasty);
        if (asked) expect(error, name).toMatchObject({ kind: "timeout", retry: true });
      }
    });

    it("takes nothing but what it expects for an answer", async () => {
      rig.prepare(verb);
      const hostile: Conduct[] = readsAnswers ? ["html", "huge", "wrong", "redirect"] : ["huge", "redirect"];
      for (const conduct of hostile) {
        rig.fake.conduct = conduct;
        for (const [name, call] of calls(verb)) {
          const { error, asked } = await outcomeOf(call);
          if (!asked) continue;
          expect(error, `${name}: ${conduct}`).toMatchObject({ kind: "invalid_answer", retry: false });
        }
      }
    });

    it("says nothing of its secrets, whatever the system answers with them", async () => {
      rig.prepare(verb);
      const echoes: Conduct[] = [400, 401, 404, 409, 422, 429, 500].map((code) => ({ status: code }));
      for (const conduct of [...echoes, "echo", "plain"] as const) {
        rig.fake.conduct = conduct;
        for (const [name, call] of calls(verb)) {
          const { result, error } = await outcomeOf(call);
          if (error) expect(error, name).toBeInstanceOf(ConnectorError);
          const said = `${JSON.stringify(result)} ${error?.message} ${(error?.cause as Error)?.message} ${error?.stack}`;
          expect(said, `${name}: ${JSON.stringify(conduct)}`).not.toContain(CANARY);
        }
      }
      expect(JSON.stringify([...memory])).not.toContain(CANARY);
    });

    it("is refused in clear words for a node that the system does not know", async () => {
      if (!rig.stranger) return;
      rig.prepare(verb);
      const target = targetOf(rig.stranger);
      const before = [...rig.fake.effects];
      for (const call of [
        () => connector.preview(ctx(), target, verb),
        () => connector.start(ctx(), target, verb, KEY),
      ]) {
        const error = await call().catch((caught: ConnectorError) => caught);
        expect(error).toMatchObject({ kind: "not_found", retry: false });
        expect((error as ConnectorError).message).toContain(target.words);
      }
      expect(rig.fake.effects).toEqual(before);
    });

    it("is refused for another registration than the one that was approved", async () => {
      rig.prepare(verb);
      const target = targetOf();
      if (target.uid === null) return;
      const other = { ...target, uid: "3f0c8d2e-9999-4000-8000-000000000009" };
      await expect(connector.start(ctx(), other, verb, KEY)).rejects.toMatchObject({ retry: false });
      expect(rig.fake.effects).toEqual([]);
    });
  });

  it("refuses verbs that it does not have", async () => {
    for (const verb of ["constructor", "explode", ""]) {
      await expect(start(verb)).rejects.toMatchObject({ kind: "refused", retry: false });
    }
    expect(rig.fake.requests).toEqual([]);
  });
});
