/**
 * A Kubernetes API server as far as connectors speak it: versions that conflict, lists that a merge patch
 * replaces as a whole, evictions that budgets hold back, rehearsals that store nothing.
 */

import { type FakeSystem, startFake } from "./conduct.ts";
import type { StubAnswer, StubRequest } from "./http.ts";

export type KubeObject = {
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    resourceVersion: string;
    labels: Record<string, string>;
    annotations: Record<string, string>;
    deletionTimestamp?: string;
    ownerReferences?: { kind: string; name: string; controller?: boolean }[];
  };
  [member: string]: unknown;
};

export type KubeFake = FakeSystem & {
  /** By collection path: `/api/v1/nodes`, `/apis/…/namespaces/ns/machines`. */
  objects: Map<string, KubeObject[]>;
  find: (collection: string, name: string) => KubeObject | undefined;
  add: (collection: string, name: string, more?: Record<string, unknown>) => KubeObject;
  remove: (collection: string, name: string) => void;
  /** How often the eviction of a pod is still held back, by name. */
  held: Map<string, number>;
  /** Conflicts that the next writes run into: somebody else is faster. */
  conflicts: number;
  /** Rights that the token lacks: `patch nodes`. */
  denied: Set<string>;
};

const PODS = "/api/v1/pods";
const status = (code: number, reason: string): StubAnswer => ({
  status: code,
  body: { kind: "Status", status: "Failure", code, reason },
});

/** @param token what callers have to show */
export async function startKubernetes(token: string): Promise<KubeFake> {
  let version = 100;
  const objects = new Map<string, KubeObject[]>();
  const find = (collection: string, name: string) =>
    objects.get(collection)?.find(({ metadata }) => metadata.name === name);
  const stored = (object: KubeObject): void => {
    version += 1;
    object.metadata.resourceVersion = String(version);
  };

  const fake = await startFake((request, effects) => {
    if (request.headers.authorization !== `Bearer ${token}`) return status(401, "Unauthorized");
    if (request.path.endsWith("/selfsubjectaccessreviews")) return review(request);
    const dryRun = request.query.get("dryRun") === "All";
    const tell = (effect: string) => {
      if (!dryRun) effects.push(effect);
    };
    const [collection, name, subresource] = placeOf(request.path, objects);
    if (request.method === "GET") return name ? item(collection, name) : list(collection, request.query);
    if (subresource === "eviction") return evict(request, name, dryRun, tell);
    const object = find(collection, name);
    if (!object) return status(404, "NotFound");
    if (request.method === "PATCH") {
      if (request.headers["content-type"] !== "application/merge-patch+json")
        return status(415, "Unsupported");
      return change(object, merged(object, JSON.parse(request.body)), `PATCH ${collection}/${name}`);
    }
    if (request.method === "PUT" && subresource === "approval") {
      const { status: state, metadata } = JSON.parse(request.body) as KubeObject;
      const after = { ...object, metadata: { ...object.metadata, ...metadata }, status: state };
      return change(object, after as KubeObject, `PUT ${collection}/${name}/approval`);
    }
    return status(405, "MethodNotAllowed");

    function change(before: KubeObject, after: KubeObject, what: string): StubAnswer {
      if (state.conflicts > 0) {
        state.conflicts -= 1;
        stored(before);
      }
      const given = after.metadata;
      if (given.uid !== before.metadata.uid) return status(409, "Conflict");
      if (given.resourceVersion !== before.metadata.resourceVersion) return status(409, "Conflict");
      if (dryRun) return { body: after };
      tell(`${what} ${JSON.stringify({ ...after, metadata: { ...given, resourceVersion: "" } })}`);
      Object.assign(before, after);
      stored(before);
      return { body: before };
    }
  });

  const state: KubeFake = Object.assign(fake, {
    ...{ objects, find, add, remove },
    held: new Map<string, number>(),
    conflicts: 0,
    denied: new Set<string>(),
  });

  function review({ body }: StubRequest): StubAnswer {
    const { verb, resource, subresource } = JSON.parse(body).spec.resourceAttributes;
    const right = `${verb} ${resource}${subresource ? `/${subresource}` : ""}`;
    return { status: 201, body: { status: { allowed: !state.denied.has(right) } } };
  }

  function item(collection: string, name: string): StubAnswer {
    const object = find(collection, name);
    return object ? { body: object } : status(404, "NotFound");
  }

  function list(collection: string, query: URLSearchParams): StubAnswer {
    if (!objects.has(collection)) return status(404, "NotFound");
    const node = /^spec\.nodeName=(.*)$/.exec(query.get("fieldSelector") ?? "")?.[1];
    const all = (objects.get(collection) ?? []).filter(
      ({ spec }) => node === undefined || (spec as { nodeName?: string }).nodeName === node,
    );
    const start = Number(query.get("continue") ?? 0);
    // Fewer than were asked for, as a server may give: pages have to be followed.
    const end = start + Math.min(Number(query.get("limit") ?? 500), 2);
    const more = end < all.length ? { continue: String(end) } : {};
    return { body: { items: all.slice(start, end), metadata: more } };
  }

  function evict(
    { body }: StubRequest,
    name: string,
    dryRun: boolean,
    tell: (effect: string) => void,
  ): StubAnswer {
    const pod = find(PODS, name);
    if (!pod) return status(404, "NotFound");
    const { uid } = JSON.parse(body).deleteOptions.preconditions;
    if (uid !== pod.metadata.uid) return status(409, "Conflict");
    const held = state.held.get(name) ?? 0;
    if (held > 0) {
      if (!dryRun) state.held.set(name, held - 1);
      return status(429, "TooManyRequests");
    }
    tell(`evict ${pod.metadata.namespace}/${name}`);
    if (!dryRun) remove(PODS, name);
    return { status: 201, body: { kind: "Status", status: "Success" } };
  }

  function add(collection: string, name: string, more: Record<string, unknown> = {}): KubeObject {
    const { metadata, ...rest } = more as { metadata?: Partial<KubeObject["metadata"]> };
    const object: KubeObject = {
      metadata: {
        name,
        uid: `uid-of-${name}`,
        resourceVersion: "",
        labels: {},
        annotations: {},
        ...metadata,
      },
      ...rest,
    };
    stored(object);
    objects.set(collection, [...(objects.get(collection) ?? []), object]);
    return object;
  }

  function remove(collection: string, name: string): void {
    objects.set(
      collection,
      (objects.get(collection) ?? []).filter(({ metadata }) => metadata.name !== name),
    );
  }

  return state;
}

/** Collection, name and subresource that a path names. */
function placeOf(path: string, objects: ReadonlyMap<string, unknown>): [string, string, string] {
  const eviction = /^\/api\/v1\/namespaces\/[^/]+\/pods\/([^/]+)\/eviction$/.exec(path);
  if (eviction) return [PODS, decodeURIComponent(eviction[1] ?? ""), "eviction"];
  const collection = [...objects.keys()].find((known) => path === known || path.startsWith(`${known}/`));
  if (!collection) return [path, "", ""];
  const [, name = "", subresource = ""] = path.slice(collection.length).split("/").map(decodeURIComponent);
  return [collection, name, subresource];
}

/** RFC 7396. */
function merged<T>(before: T, patch: unknown): T {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch as T;
  const after: Record<string, unknown> =
    typeof before === "object" && before !== null && !Array.isArray(before) ? { ...before } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete after[name];
    else after[name] = merged(after[name], value);
  }
  return after as T;
}
