/** The Kubernetes API, as far as connectors speak it. */
import { z } from "zod";
import { type ConnectorContext, ConnectorError } from "#lib/connectors/contract";
import type { OutboundRequest } from "#lib/domain/outbound";
import { type Answer, apiOf, BaseUrl, type Call, CaPem, read, Token } from "./http.ts";

export const KubeSettings = z.strictObject({
  url: BaseUrl.meta({ title: "API server", description: "For example https://kube.example.org:6443" }),
  ca: CaPem,
});

export const KubeSecrets = z.strictObject({
  token: Token.meta({
    title: "Token",
    description: "Of a service account that has only the rights in the guide.",
  }),
});
export type KubeSecrets = z.output<typeof KubeSecrets>;
export type KubeContext<S extends z.output<typeof KubeSettings> = z.output<typeof KubeSettings>> =
  ConnectorContext<S, KubeSecrets>;

/** The server validates and admits it, and stores nothing. */
export const isDryRun = ({ url }: OutboundRequest): boolean =>
  new URL(url).searchParams.getAll("dryRun").join() === "All";

const PAGE = 500;
const MAX_ITEMS = 20_000;
/** Attempts of a change that somebody else was faster than. */
const ATTEMPTS = 6;

export const Meta = z.object({
  name: z.string(),
  namespace: z.string().default(""),
  uid: z.string(),
  resourceVersion: z.string(),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
  deletionTimestamp: z.string().optional(),
  ownerReferences: z
    .array(z.object({ kind: z.string(), name: z.string(), controller: z.boolean().default(false) }))
    .default([]),
});

const Page = z.object({
  items: z.array(z.unknown()).nullable(),
  metadata: z.object({ continue: z.string().optional() }).default({}),
});

export type Kube = {
  get: <S extends z.ZodType>(path: string, schema: S) => Promise<z.output<S>>;
  /** All items, page by page. */
  list: <S extends z.ZodType>(path: string, schema: S) => Promise<z.output<S>[]>;
  /** A JSON merge patch: lists are replaced as a whole. */
  patch: (path: string, body: object, options?: { dryRun?: boolean }) => Promise<Answer>;
  send: (method: "POST" | "PUT", path: string, call: Call & { dryRun?: boolean }) => Promise<Answer>;
};

export function kubeOf({
  settings,
  secrets,
  request,
  signal,
}: Pick<KubeContext, "settings" | "secrets" | "request" | "signal">): Kube {
  const api = apiOf(
    { request, signal },
    {
      base: settings.url,
      headers: { authorization: `Bearer ${secrets.token}` },
      ...(settings.ca === "" ? {} : { tls: { ca: settings.ca } }),
    },
  );
  const withDryRun = (path: string, dryRun: boolean | undefined) =>
    dryRun ? `${path}${path.includes("?") ? "&" : "?"}dryRun=All` : path;
  return {
    get: async (path, schema) => read(schema, await api("GET", path), `GET ${path}`),
    async list(path, schema) {
      const items: z.output<typeof schema>[] = [];
      let next = "";
      do {
        const query = `${path.includes("?") ? "&" : "?"}limit=${PAGE}${next && `&continue=${encodeURIComponent(next)}`}`;
        const page = read(Page, await api("GET", path + query), `GET ${path}`);
        for (const item of page.items ?? []) {
          items.push(read(schema, { status: 200, json: item }, `GET ${path}`));
        }
        if (items.length > MAX_ITEMS) {
          throw new ConnectorError("invalid_answer", `GET ${path} goes on beyond ${MAX_ITEMS} items`);
        }
        next = page.metadata.continue ?? "";
      } while (next !== "");
      return items;
    },
    patch: (path, body, { dryRun } = {}) =>
      api("PATCH", withDryRun(path, dryRun), { body, contentType: "application/merge-patch+json" }),
    send: (method, path, { dryRun, ...call }) => api(method, withDryRun(path, dryRun), call),
  };
}

/**
 * Read, decide and write again until nobody came between: the write names the version that was read.
 *
 * @param attempt `null` = there is nothing to do
 */
export async function untilStored<R>(attempt: () => Promise<R>): Promise<R> {
  for (let left = ATTEMPTS; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ConnectorError && error.kind === "conflict" && error.retry) || left <= 1)
        throw error;
    }
  }
}

/** Whether the service account may do this, asked of the server itself. */
export function accessReview(verb: string, group: string, resource: string, subresource = "") {
  return {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes: { verb, group, resource, ...(subresource && { subresource }) } },
  };
}

/** A name of an object, as the API allows it. */
export const isObjectName = (text: string): boolean => /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(text);
