import { describe, expect, it } from "vitest";
import { eventsOf, interpretAll, summariesOf } from "#tests/bootstrap-events";
import { fdoSource as source } from "./index.ts";

const GUID = "d21d841a3f54f4e89a60ed9b9779e9e8";
const OLD = "A1B2C3D4-E5F6-7890-1234-5678ABCDEF01";
const device = (more: object = {}) => ({
  guid: GUID,
  device_info: "gateway",
  created_at: "2026-11-22T09:00:00Z",
  to2_completed: false,
  ...more,
});
const completed = { to2_completed: true, to2_completed_at: "2026-11-22T09:30:00.25Z" };

describe("devices", () => {
  it("tells of devices that are known and of those that were onboarded", async () => {
    expect(await summariesOf(source, device())).toEqual(["provisioning.discovered info -"]);
    const events = await eventsOf(source, device(completed));
    expect(events.map(({ type, method }) => [type, method])).toEqual([
      ["provisioning.discovered", null],
      ["enrollment.credential_issued", "fdo_to2"],
    ]);
    expect(events[1]?.externalId).toBe(`${GUID}:to2:2026-11-22T09:30:00.250Z`);
    expect(events[1]?.displayName).toBe("gateway");
  });

  it("keeps a device's old GUID beside its new one, and its first event the same", async () => {
    const [first] = await eventsOf(source, device({ ...completed, old_guid: OLD }));
    expect(first?.identities).toEqual([
      { kind: "custom", value: `fdo/${GUID}` },
      { kind: "custom", value: "fdo/a1b2c3d4e5f6789012345678abcdef01" },
    ]);
    const [before] = await eventsOf(source, device({ guid: OLD }));
    expect(before?.externalId).toBe(first?.externalId);
  });

  it("invents neither an onboarding nor its time", async () => {
    expect(
      await summariesOf(
        source,
        device({ to2_completed: "true", to2_completed_at: completed.to2_completed_at }),
      ),
    ).toHaveLength(1);
    const { items, rejections } = await interpretAll(source, [device({ to2_completed: true })]);
    expect([items.length, rejections.length]).toEqual([1, 1]);
  });

  it("refuses a device without a GUID", async () => {
    for (const guid of [undefined, "", "gateway-7", 7]) {
      expect((await interpretAll(source, [device({ guid })])).rejections).toHaveLength(1);
    }
  });
});
