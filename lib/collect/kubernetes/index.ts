/**
 * Kubernetes: lists and watches nodes, certificate requests and events about nodes.
 *
 * Each poll is one short watch per resource from where the last one ended, so that nothing in between
 * is missed. Where watching is not allowed, the resource is listed every few minutes instead.
 */
import { z } from "zod";
import type { Client, CollectContext, Collected, Collector } from "#lib/collect/contract";
import { FetchError } from "#lib/collect/contract";
import { Endpoint } from "#lib/collect/endpoint";
import { list, type Resource, watch } from "./read.ts";

const CORE = "api/v1";
const RESOURCES = {
  nodes: { path: `${CORE}/nodes`, kind: "Node", apiVersion: "v1", selector: null },
  requests: {
    path: "apis/certificates.k8s.io/v1/certificatesigningrequests",
    kind: "CertificateSigningRequest",
    apiVersion: "certificates.k8s.io/v1",
    selector: null,
  },
  events: {
    path: `${CORE}/events`,
    kind: "Event",
    apiVersion: "v1",
    selector: "involvedObject.kind=Node",
  },
} as const satisfies Record<string, Resource>;
type ResourceName = keyof typeof RESOURCES;
const NAMES = Object.keys(RESOURCES) as ResourceName[];

const Settings = z.strictObject({
  cluster: Endpoint,
  /** Length of one watch. What happens meanwhile is forwarded at its end. */
  watchSeconds: z.int().min(1).max(120).default(10),
});
type Settings = z.output<typeof Settings>;

const Position = z.strictObject({
  /** Where the next watch begins; `null` = list first. */
  resourceVersion: z.string().nullable(),
  mayWatch: z.boolean(),
  listedAtMs: z.number(),
  objects: z.int(),
});
type Position = z.output<typeof Position>;
const Memory = z.partialRecord(z.enum(["nodes", "requests", "events"]), Position);
type Memory = z.output<typeof Memory>;

const START: Position = { resourceVersion: null, mayWatch: true, listedAtMs: 0, objects: 0 };

/** How often a resource that cannot be watched is listed. Kubernetes forgets requests after an hour. */
const LIST_EVERY_MS = 300_000;
/** Also what can be watched is listed again now and then: a missed deletion would never be told otherwise. */
const RELIST_EVERY_MS = 3_600_000;
const BETWEEN_WATCHES_MS = 1_000;

export const kubernetesCollector: Collector<Settings, Memory> = {
  kind: "kubernetes",
  settings: Settings,
  memory: Memory,
  interval: { minMs: BETWEEN_WATCHES_MS, maxMs: LIST_EVERY_MS },
  async collect(settings, memory, context): Promise<Collected<Memory>> {
    const client = await context.open(settings.cluster);
    const read = await Promise.all(
      NAMES.map((name) => readResource(client, settings, RESOURCES[name], memory?.[name] ?? START, context)),
    );
    const [failed] = read.flatMap((result) => (result instanceof FetchError ? [result] : []));
    const usable = read.map((result, index) =>
      result instanceof FetchError
        ? { documents: [], position: memory?.[NAMES[index] as ResourceName] ?? START }
        : result,
    );
    if (failed !== undefined) {
      if (read.every((result) => result instanceof FetchError)) throw failed;
      for (const result of read) if (result instanceof FetchError) context.warn(result.message);
    }
    const documents = usable.flatMap((result) => result.documents);
    const positions = usable.map(({ position }) => position);
    const watches = positions.some(({ mayWatch }) => mayWatch);
    return {
      documents,
      memory: Object.fromEntries(NAMES.map((name, index) => [name, positions[index] ?? START])),
      changed: documents.length > 0,
      watched: positions.reduce((sum, { objects }) => sum + objects, 0),
      waitMs: failed === undefined ? (watches ? BETWEEN_WATCHES_MS : LIST_EVERY_MS) : null,
    };
  },
};

type Read = { documents: string[]; position: Position };

/** One resource that is in trouble must not cost the others. */
async function readResource(
  client: Client,
  { watchSeconds }: Settings,
  resource: Resource,
  position: Position,
  { nowMs, warn }: CollectContext,
): Promise<Read | FetchError> {
  try {
    const since = nowMs - position.listedAtMs;
    const { resourceVersion, mayWatch } = position;
    if (mayWatch && resourceVersion !== null && since < RELIST_EVERY_MS) {
      const seen = await watch(client, resource, resourceVersion, watchSeconds);
      if (seen.outcome === "seen") {
        return {
          documents: seen.documents,
          position: { ...position, resourceVersion: seen.resourceVersion },
        };
      }
      if (seen.outcome === "forbidden") {
        warn(`${resource.kind}: watching is not allowed; it is listed every five minutes instead`);
        return await relist(client, resource, { ...position, mayWatch: false }, nowMs);
      }
    }
    if (!mayWatch && resourceVersion !== null && since < LIST_EVERY_MS) return { documents: [], position };
    return await relist(client, resource, position, nowMs);
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    return error;
  }
}

async function relist(client: Client, resource: Resource, position: Position, nowMs: number): Promise<Read> {
  const { documents, resourceVersion } = await list(client, resource);
  return {
    documents,
    position: { ...position, resourceVersion, listedAtMs: nowMs, objects: documents.length },
  };
}
