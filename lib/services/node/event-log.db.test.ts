import { beforeAll, describe, expect, it } from "vitest";
import { EventLogDifference, EventLogs } from "#lib/contracts/event-log";
import { BANKS, bootFile, imaLine, smallBoot, writeAgileLog } from "#tests/event-log-writer";
import { useDatabase } from "#tests/pg";
import { addVerdict, ago, makeWorld, refusalOf, type World } from "#tests/world";
import { nodeEventLog } from "./event-log.ts";
import { nodeEventLogDifference } from "./event-log-difference.ts";
import { nodeVerdict } from "./verdict.ts";

const { pool } = useDatabase();
let world: World;
let nodeId = "";
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const bootOf = (...args: Parameters<typeof smallBoot>) => base64(writeAgileLog(BANKS, smallBoot(...args)));
const imaOf = (...lines: string[]) => `${[imaLine("boot_aggregate", ""), ...lines].join("\n")}\n`;

const add = (minutes: number, document: object | string, keepRaw = true) =>
  addVerdict(world, {
    nodeId,
    at: ago(minutes),
    raw: typeof document === "string" ? document : JSON.stringify(document),
    keepRaw,
  });
const analyst = () => world.as("analyst");

beforeAll(async () => {
  world = await makeWorld(pool);
  nodeId = await world.addNode({ name: "n" });
});

describe("the event log of a verdict", () => {
  it("is shown with every event, its words and its registers", async () => {
    const eventHash = await add(100, { eventLogs: { tpm2: bootOf(), ima: imaOf(imaLine("/bin/sh", "1")) } });
    const answer = EventLogs.parse(await nodeEventLog(analyst(), { nodeId, eventHash }));
    const [boot, ima] = answer.logs;
    expect(boot).toMatchObject({ form: "tcg", format: "crypto-agile", banks: ["sha1", "sha256"], total: 11 });
    expect(boot?.form === "tcg" && boot.events[2]).toMatchObject({
      register: 7,
      type: "EV_EFI_VARIABLE_DRIVER_CONFIG",
      subject: "Secure Boot",
      value: "on",
      proof: "proven",
      digests: [{ bank: "sha256" }, { bank: "sha1" }],
    });
    expect(boot?.form === "tcg" && boot.registers.map(({ name }) => name)).toContain("PCR 9");
    expect(ima).toMatchObject({
      form: "ima",
      total: 2,
      whole: true,
      contradictedTotal: 0,
      bootAggregate: "differs",
    });
    expect((await nodeVerdict(analyst(), { nodeId, eventHash })).eventLogs).toEqual([
      "/eventLogs/tpm2",
      "/eventLogs/ima",
    ]);
  });

  it("that is broken is named, beside one that is not; alone it is a problem", async () => {
    const both = await add(90, { eventLogs: { tpm2: bootOf().slice(0, -8), ima: imaOf() } });
    const { logs } = await nodeEventLog(analyst(), { nodeId, eventHash: both });
    expect(logs.map((log) => (log.form === "unreadable" ? log.problem.code : log.form))).toEqual([
      "truncated",
      "ima",
    ]);
    for (const [at, tpm2] of ["bm9uc2Vuc2U=", "!!!", "AAAA"].entries()) {
      const eventHash = await add(80 - at, { eventLogs: { tpm2 } });
      expect(await refusalOf(nodeEventLog(analyst(), { nodeId, eventHash }))).toBe("evidence/event-log");
      expect(await refusalOf(nodeEventLogDifference(analyst(), { nodeId, eventHash }))).toBe(
        "evidence/event-log",
      );
    }
  });

  it("that is not there, or not any more, is said to be so", async () => {
    for (const [minutes, document, keep] of [
      [70, { a: 1 }, true],
      [69, "no json", true],
      [68, { eventLogs: { tpm2: bootOf() } }, false],
    ] as const) {
      const eventHash = await add(minutes, document, keep);
      expect(await refusalOf(nodeEventLog(analyst(), { nodeId, eventHash }))).toBe("evidence/no-event-log");
    }
  });

  it("is for those who may read evidence, in their domains", async () => {
    const eventHash = await add(67, { eventLogs: { tpm2: bootOf(), ima: "only here" } });
    const ref = { nodeId, eventHash };
    for (const read of [nodeEventLog, nodeEventLogDifference]) {
      expect(await refusalOf(read(world.as("viewer"), ref))).toBe("auth/forbidden");
      expect(await refusalOf(read(world.as("admin", [world.away]), ref))).toBe("evidence/not-found");
    }
  });
});

describe("the difference to the previous verdict", () => {
  it("says in words which event changed, over verdicts without a log", async () => {
    nodeId = await world.addNode({ name: "changing" });
    const first = await add(50, { eventLogs: { tpm2: bootOf(), ima: imaOf(imaLine("/a", "1")) } });
    await add(49, { note: "no log" });
    const second = await add(48, {
      eventLogs: { tpm2: bootOf({ on: false }), ima: imaOf(imaLine("/a", "2")) },
    });
    const answer = EventLogDifference.parse(
      await nodeEventLogDifference(analyst(), { nodeId, eventHash: second }),
    );
    expect(answer).toMatchObject({ previous: { eventHash: first }, missing: null });
    const [boot, ima] = answer.logs;
    expect(boot?.form === "tcg" && boot.registers).toEqual([
      {
        register: 7,
        name: "PCR 7",
        title: "Secure Boot",
        unchanged: 2,
        total: 1,
        changes: [{ kind: "changed", sentence: "Secure Boot switched off", before: 2, after: 2 }],
      },
    ]);
    expect(ima?.form === "ima" && ima.changes.map(({ path, kind }) => `${path} ${kind}`)).toEqual([
      "/a changed",
    ]);
  });

  it("says why there is nothing to compare with", async () => {
    const missing = async (eventHash: string) =>
      (await nodeEventLogDifference(analyst(), { nodeId, eventHash })).missing;
    const log = (name: string) => ({
      eventLogs: { tpm2: base64(writeAgileLog(BANKS, [...smallBoot(), bootFile("/name", name)])) },
    });
    nodeId = await world.addNode({ name: "alone" });
    expect(await missing(await add(40, log("alone")))).toBe("no_earlier_verdict");
    nodeId = await world.addNode({ name: "without" });
    await add(39, { without: 1 });
    expect(await missing(await add(38, log("without")))).toBe("no_log");
    nodeId = await world.addNode({ name: "dropped" });
    await add(37, log("dropped 1"), false);
    expect(await missing(await add(36, log("dropped 2")))).toBe("bytes_dropped");
  });

  it("names the log that cannot be compared", async () => {
    nodeId = await world.addNode({ name: "broken before" });
    await add(30, { eventLogs: { tpm2: "AAAA" } });
    const eventHash = await add(29, {
      eventLogs: { tpm2: bootOf({ config: "x" }), ima: imaOf(imaLine("/x", "x")) },
    });
    const { logs } = await nodeEventLogDifference(analyst(), { nodeId, eventHash });
    expect(logs.map((log) => log.form === "none" && log.reason)).toEqual([
      expect.stringContaining("the log before cannot be read"),
      "the evidence before carries no such log",
    ]);
  });
});
