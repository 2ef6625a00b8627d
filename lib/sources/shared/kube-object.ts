/** Kubernetes objects: what they all have in common, and sources that read nothing else. */
import type { InterpretContext, Source } from "#lib/sources/contract";
import { BOOTSTRAP_EVENT_TYPE } from "#lib/sources/contract";
import { type DocumentReader, type Draft, externalIdOf, interpretDocuments } from "./batch.ts";
import { isMembers, listAt, type Members, textAt, timeAt, valueAt } from "./members.ts";
import { type RedactionPath, redact } from "./redact.ts";
import { Refusal } from "./refusal.ts";

const MINUTE_MS = 60_000;
const YEAR_MS = 365 * 24 * 60 * MINUTE_MS;

export type KubeObject = {
  kind: string;
  /** API group; `""` for the core group. */
  group: string;
  uid: string;
  name: string | null;
  namespace: string | null;
  createdAtMs: number | null;
  deletedAtMs: number | null;
  /** A watch reported that the object is gone. */
  isGone: boolean;
  value: Members;
};

/** An entry of `status.conditions`. */
export type KubeCondition = {
  type: string;
  status: string;
  reason: string | null;
  message: string | null;
  severity: string | null;
  changedAtMs: number | null;
};

/** Conditions with a type and a status; the first of each type counts. */
export function conditionsOf(document: unknown, ...path: readonly string[]): readonly KubeCondition[] {
  const found = new Map<string, KubeCondition>();
  for (const condition of listAt(document, ...path)) {
    const type = textAt(condition, "type");
    if (type === null || found.has(type)) continue;
    found.set(type, {
      type,
      // An approval of the first API version carries none, and means yes.
      status: textAt(condition, "status") ?? "True",
      reason: textAt(condition, "reason"),
      message: textAt(condition, "message"),
      severity: textAt(condition, "severity"),
      changedAtMs: timeAt(condition, "lastTransitionTime"),
    });
  }
  return [...found.values()];
}

/** The source's own words for a condition: its reason and its message. */
export function wordsOf({ reason, message }: Pick<KubeCondition, "reason" | "message">): string | null {
  return reason !== null && message !== null ? `${reason}: ${message}` : (reason ?? message);
}

/** The id of something that an object's condition says since an instant. */
export function conditionId(object: KubeObject, { type, changedAtMs, status }: KubeCondition): string {
  return externalIdOf(object.uid, type, isoOf(changedAtMs), status);
}

/** An instant as a part of an external id. */
export function isoOf(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}

export type KubeReader = (object: KubeObject, context: InterpretContext) => readonly Draft[];

export type KubeSourceOptions = Pick<Source, "kind" | "label" | "guide"> & {
  /** How to read objects, by `group/Kind`; objects of other kinds are ignored. */
  readers: Readonly<Record<string, KubeReader>>;
  /** What to take out of objects, whatever kind they say they are of. */
  redactions?: readonly RedactionPath[];
  /** What to leave in the place of a value that is taken out. */
  replace?: (value: unknown, path: RedactionPath) => unknown;
};

/** Taken out of every object: it repeats the object, with the secrets that were left out elsewhere. */
const ALWAYS: readonly RedactionPath[] = [
  ["metadata", "managedFields"],
  ["metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"],
];

const WATCHED: ReadonlySet<string> = new Set(["ADDED", "MODIFIED", "DELETED"]);

/** A source that reads Kubernetes objects: single ones, lists, lines, and what a watch reports. */
export function kubeSource({ readers, redactions = [], replace, ...about }: KubeSourceOptions): Source {
  const reader: DocumentReader = {
    redact(document) {
      const object = objectIn(document);
      const prefix = object === document ? [] : ["object"];
      const paths = [...ALWAYS, ...redactions].map((path) => [...prefix, ...path]);
      return redact(document, paths, replace && ((value, path) => replace(value, path.slice(prefix.length))));
    },
    read(document, context) {
      const value = objectIn(document);
      // A watch also tells how far it is and why it ends.
      if (value !== document && !WATCHED.has(String(document.type))) return [];
      if (textAt(value, "kind") === null) throw new Refusal("claims", "the object has no kind");
      const type = typeOf(value);
      const read = Object.hasOwn(readers, type) ? readers[type] : undefined;
      return read === undefined ? [] : read(readObject(value, document), context);
    },
  };
  return {
    ...about,
    eventTypes: [BOOTSTRAP_EVENT_TYPE],
    unsignedAllowed: true,
    defaults: {
      nodeIdPointer: null,
      acceptPastMs: YEAR_MS,
      acceptFutureMs: 5 * MINUTE_MS,
      staleAfterMs: null,
    },
    interpret: (message, context) => interpretDocuments(message, context, reader),
  };
}

/** A watch wraps each object into `{"type": "ADDED", "object": …}`. */
function objectIn(document: Members): Members {
  return document.kind === undefined && typeof document.type === "string" && isMembers(document.object)
    ? document.object
    : document;
}

/** `group/Kind`; the version of an API does not change what its fields mean here. */
function typeOf(value: Members): string {
  const [group = "", version] = (textAt(value, "apiVersion") ?? "").split("/");
  return `${version === undefined ? "" : group}/${textAt(value, "kind") ?? ""}`;
}

function readObject(value: Members, document: Members): KubeObject {
  const uid = textAt(value, "metadata", "uid");
  if (uid === null) throw new Refusal("claims", "the object has no metadata.uid");
  const [group = "", kind = ""] = typeOf(value).split("/");
  return {
    kind,
    group,
    uid,
    name: textAt(value, "metadata", "name"),
    namespace: textAt(value, "metadata", "namespace"),
    createdAtMs: timeAt(value, "metadata", "creationTimestamp"),
    deletedAtMs: timeAt(value, "metadata", "deletionTimestamp"),
    isGone: value !== document && document.type === "DELETED",
    value,
  };
}

/** UID of the owner of a kind, when the object names exactly one. */
export function ownerUid({ value }: KubeObject, kind: string): string | null {
  const owners = listAt(value, "metadata", "ownerReferences").filter(
    (owner) => valueAt(owner, "kind") === kind,
  );
  return owners.length === 1 ? textAt(owners[0], "uid") : null;
}
