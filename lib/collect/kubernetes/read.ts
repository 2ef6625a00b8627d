/** Lists and watches of the Kubernetes API, as documents that the source of the same kind reads. */
import { jsonOf } from "#lib/collect/client";
import { type Client, FetchError } from "#lib/collect/contract";
import { JsonError, parseJson } from "#lib/sources/shared/json";

export type Resource = {
  path: string;
  kind: string;
  apiVersion: string;
  /** Field selector; `null` = all objects. */
  selector: string | null;
};

const PAGE_OBJECTS = 250;
const MAX_PAGES = 400;
const GONE = 410;

type Members = Record<string, unknown>;
const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const metadataOf = (object: unknown): Members =>
  isMembers(object) && isMembers(object.metadata) ? object.metadata : {};
const textIn = (members: Members, name: string): string | null =>
  typeof members[name] === "string" && members[name] !== "" ? members[name] : null;

/** @throws {FetchError} when the list is not complete: half a list must not pass for a whole one */
export async function list(
  client: Client,
  resource: Resource,
): Promise<{ documents: string[]; resourceVersion: string }> {
  const documents: string[] = [];
  let next: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = queryOf(resource, { limit: String(PAGE_OBJECTS), ...(next ? { continue: next } : {}) });
    const document = jsonOf(await client.get(`${resource.path}?${query}`), `/${resource.path}`);
    if (!isMembers(document) || !Array.isArray(document.items)) {
      throw new FetchError(`GET /${resource.path} was answered with no list`, { isTransient: false });
    }
    const { kind, apiVersion } = resource;
    documents.push(...document.items.map((item) => textOf({ kind, apiVersion, ...item })));
    const metadata = metadataOf(document);
    next = textIn(metadata, "continue");
    const resourceVersion = textIn(metadata, "resourceVersion");
    if (next === null && resourceVersion !== null) return { documents, resourceVersion };
    if (next === null) break;
  }
  throw new FetchError(`GET /${resource.path} was answered with an endless or undated list`, {
    isTransient: false,
  });
}

export type Watched =
  | { outcome: "seen"; documents: string[]; resourceVersion: string }
  /** What happened since is no longer known to the server: list again. */
  | { outcome: "gone" }
  | { outcome: "forbidden" };

/** What happened to a resource since a version, for some seconds. */
export async function watch(
  client: Client,
  resource: Resource,
  resourceVersion: string,
  seconds: number,
): Promise<Watched> {
  const query = queryOf(resource, {
    watch: "true",
    resourceVersion,
    allowWatchBookmarks: "true",
    timeoutSeconds: String(seconds),
  });
  const { status, body } = await client.get(`${resource.path}?${query}`, {
    timeoutMs: (seconds + 15) * 1000,
  });
  if (status === GONE) return { outcome: "gone" };
  if (status === 403 || status === 405) return { outcome: "forbidden" };
  if (status !== 200) {
    throw new FetchError(`GET /${resource.path} (watch) was answered with ${status}`, {
      isTransient: status >= 500 || status === 429,
    });
  }
  const documents: string[] = [];
  let version = resourceVersion;
  for (const line of linesOf(body)) {
    const event = readLine(line, resource);
    if (event.type === "ERROR") {
      if (isMembers(event.object) && event.object.code === GONE) return { outcome: "gone" };
      throw new FetchError(`GET /${resource.path} (watch) ended with an error`, { isTransient: true });
    }
    version = textIn(metadataOf(event.object), "resourceVersion") ?? version;
    // A bookmark only tells how far the watch is.
    if (event.type === "BOOKMARK" || !isMembers(event.object)) continue;
    documents.push(textOf(event));
  }
  return { outcome: "seen", documents, resourceVersion: version };
}

function* linesOf(body: Buffer): Generator<Buffer> {
  for (let start = 0; start < body.byteLength; ) {
    const newline = body.indexOf(0x0a, start);
    const end = newline === -1 ? body.byteLength : newline;
    if (end > start) yield body.subarray(start, end);
    start = end + 1;
  }
}

function readLine(line: Buffer, { path }: Resource): Members {
  try {
    const value = parseJson(line, { integers: "text", maxStrings: 400_000 });
    if (isMembers(value)) return value;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
  }
  throw new FetchError(`GET /${path} (watch) was answered with a line that is no acceptable JSON`, {
    isTransient: true,
  });
}

function queryOf({ selector }: Resource, parameters: Record<string, string>): string {
  return new URLSearchParams({
    ...parameters,
    ...(selector === null ? {} : { fieldSelector: selector }),
  }).toString();
}

/** What repeats the object, with the secrets that it has elsewhere, is not passed on. */
function textOf(document: Members): string {
  const object = isMembers(document.object) ? document.object : document;
  const { managedFields: _, annotations, ...metadata } = metadataOf(object);
  const kept = isMembers(annotations)
    ? Object.entries(annotations).filter(
        ([name]) => name !== "kubectl.kubernetes.io/last-applied-configuration",
      )
    : [];
  const slim = { ...object, metadata: { ...metadata, annotations: Object.fromEntries(kept) } };
  return JSON.stringify(object === document ? slim : { ...document, object: slim });
}
