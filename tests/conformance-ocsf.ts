/** Validates the events that we emit against the published schemas, where they are at hand. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { z } from "zod";
import type { OcsfVersion } from "#lib/domain/ocsf/event";
import { inventoryOf } from "#lib/domain/ocsf/inventory";
import { outgoingOf } from "#lib/domain/siem/outgoing";
import { testEventOf } from "#lib/domain/siem/test-event";
import { FEED_SAMPLES } from "./feed-samples.ts";

const FILES: Readonly<Record<OcsfVersion, string>> = {
  "1.8.0": "standards/ocsf-1.8.0-subset.schema.json",
  "1.9.0": "standards/ocsf-1.9.0dev-subset.schema.json",
};

/** Definitions of classes, each with the number that its events carry. */
const Schema = z.looseObject({
  $defs: z.record(
    z.string(),
    z.looseObject({
      properties: z.looseObject({ class_uid: z.looseObject({ const: z.number() }).optional() }).optional(),
    }),
  ),
});

export type OcsfReport = { lines: string[]; passed: number; failed: number };

/** @returns `null` when the folder holds no schemas */
export function runOcsfSchemas(fixtures: string): OcsfReport | null {
  const report: OcsfReport = { lines: [], passed: 0, failed: 0 };
  let found = false;
  for (const [version, file] of Object.entries(FILES) as [OcsfVersion, string][]) {
    const path = join(fixtures, file);
    if (!existsSync(path)) continue;
    found = true;
    checkVersion(version, Schema.parse(JSON.parse(readFileSync(path, "utf8"))), report);
  }
  return found ? report : null;
}

function checkVersion(version: OcsfVersion, schema: z.output<typeof Schema>, report: OcsfReport): void {
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: {} });
  ajv.addSchema(schema, "ocsf");
  const classes = new Map(
    Object.entries(schema.$defs).flatMap(([name, { properties }]) => {
      const uid = properties?.class_uid?.const;
      return name.startsWith("class_") && uid !== undefined ? [[uid, name] as const] : [];
    }),
  );
  for (const event of eventsOf(version)) {
    const name = classes.get(Number(event.class_uid));
    const validate = name === undefined ? undefined : ajv.getSchema(`ocsf#/$defs/${name}`);
    if (validate?.(event)) {
      report.passed += 1;
      continue;
    }
    report.failed += 1;
    const faults = (validate?.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
    report.lines.push(`FAIL ocsf ${version} ${event.type_name}: ${faults.join("; ") || "no such class"}`);
  }
}

function eventsOf(version: OcsfVersion) {
  const emitter = { version, productVersion: "1.0.0", url: "https://touchstone.example" };
  const listed = {
    ...{
      trustDomainId: "d",
      nodeId: "n",
      name: "rack-1",
      status: "trusted",
      reason: "ok",
      lifecycle: "trusted",
    },
    ...{ firstSeenMs: 1, sinceMs: 2 },
  };
  return [
    ...FEED_SAMPLES.flatMap((item) => outgoingOf(item, emitter)?.event ?? []),
    inventoryOf(listed, 3, emitter),
    testEventOf({ trustDomainId: "d", id: "t", nowMs: 3 }, emitter).event,
  ];
}
