import { afterEach, beforeEach, expect, it } from "vitest";
import { openTarget, type Target } from "#lib/collect/target";
import { fdoSource } from "#lib/sources/fdo/index";
import { contextOf, messageOf } from "#tests/source-testing";
import { useBench } from "#tests/stubs/collecting";
import { type HttpStub, startHttp } from "#tests/stubs/http";

const bench = useBench();
const device = (guid: string, more: object = {}) => ({
  guid: guid.repeat(32),
  device_info: "gateway",
  created_at: "2026-03-01T10:00:00Z",
  to2_completed: false,
  ...more,
});

let owner: HttpStub;
let devices: unknown;
let target: Target;
beforeEach(async () => {
  devices = [device("a"), device("b", { owner_key: "not passed on" })];
  owner = await startHttp(() => ({ body: JSON.stringify(devices) }));
  target = await openTarget(bench.setup({ kind: "fdo", owner: { url: `${owner.url}/fdo` } }), bench.timing);
});
afterEach(() => owner.close());

async function poll(): Promise<void> {
  bench.nowMs = target.nextAtMs();
  await target.step(AbortSignal.timeout(10_000));
}

it("passes on each device once, and again when it changes", async () => {
  await poll();
  await poll();
  devices = [device("a", { to2_completed: true, to2_completed_at: "2026-03-01T11:00:00Z" }), device("b")];
  await poll();
  expect(bench.delivered().map(({ guid, to2_completed }) => [String(guid)[0], to2_completed])).toEqual([
    ["a", false],
    ["b", false],
    ["a", true],
  ]);
  expect(JSON.stringify(bench.delivered())).not.toContain("not passed on");
  expect(owner.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(
    Array(3).fill("GET /fdo/api/v1/owner/devices"),
  );
  const context = contextOf({ nowMs: bench.nowMs, settings: { acceptPastMs: 86_400_000 } });
  const { items } = await fdoSource.interpret(
    messageOf(bench.touchstone.requests.at(-1)?.body ?? ""),
    context,
  );
  expect(items.map((item) => (item.kind === "bootstrap" ? item.event.type : ""))).toContain(
    "enrollment.credential_issued",
  );
});

it("takes nothing but a list for an answer", async () => {
  devices = { error: "later" };
  await poll();
  expect(target.status().pollError).toContain("no list");
  expect(bench.touchstone.requests).toEqual([]);
});
