/** The labels that the invented operators gave their machines. */
import type { DemoNode } from "./fleet.ts";

/** Role, rack and hardware of a machine; a machine in the cloud has no rack. */
export function labelsOf({ pool, name, zone, firmware }: DemoNode): Record<string, string> {
  const rack = /-(r\d+)-/.exec(name)?.[1];
  return {
    role: pool,
    zone,
    hardware: firmware.vendor.replace(/[^A-Za-z0-9 .-]/g, ""),
    ...(rack === undefined ? {} : { rack: `${zone}-${rack}` }),
  };
}
