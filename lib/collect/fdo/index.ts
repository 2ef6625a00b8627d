/** FIDO Device Onboard: polls the owner service for its devices. It knows no failures, so neither do we. */
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { z } from "zod";
import { jsonOf } from "#lib/collect/client";
import { type CollectContext, type Collected, type Collector, FetchError } from "#lib/collect/contract";
import { Endpoint } from "#lib/collect/endpoint";

const PATH = "api/v1/owner/devices";
const FIELDS = [
  "guid",
  "old_guid",
  "device_info",
  "created_at",
  "updated_at",
  "to2_completed",
  "to2_completed_at",
];

const Settings = z.strictObject({ owner: Endpoint });
/** Digests of the devices that were forwarded. */
const Memory = z.strictObject({ devices: z.array(z.string()) });
type Memory = z.output<typeof Memory>;

export const fdoCollector: Collector<z.output<typeof Settings>, Memory> = {
  kind: "fdo",
  settings: Settings,
  memory: Memory,
  interval: { minMs: 30_000, maxMs: 300_000 },
  async collect({ owner }, memory, context: CollectContext): Promise<Collected<Memory>> {
    const client = await context.open(owner);
    const devices = jsonOf(await client.get(PATH), `/${PATH}`);
    if (!Array.isArray(devices)) {
      throw new FetchError(`GET /${PATH} was answered with no list`, { isTransient: false });
    }
    const documents = devices.map((device) => canonicalize(namedFields(device)) ?? "{}");
    const digests = documents.map((text) => createHash("sha256").update(text).digest("base64url"));
    const known = new Set(memory?.devices);
    const news = documents.filter((_, index) => !known.has(digests[index] ?? ""));
    return {
      documents: news,
      memory: { devices: digests },
      changed: news.length > 0,
      watched: documents.length,
      waitMs: null,
    };
  },
};

/** A device as the service documents it; whatever else an implementation adds stays there. */
function namedFields(device: unknown): Record<string, unknown> {
  if (typeof device !== "object" || device === null) return {};
  return Object.fromEntries(Object.entries(device).filter(([name]) => FIELDS.includes(name)));
}
