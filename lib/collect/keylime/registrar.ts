/** Reading a registrar: who enrolled, with which TPM keys. */
import { createHash } from "node:crypto";
import { jsonOf } from "#lib/collect/client";
import { type Client, FetchError } from "#lib/collect/contract";
import { digestOf, documentOf, registrarStatement } from "./documents.ts";
import { type Fields, member, registrarFields, wholeNumber } from "./fields.ts";
import type { Registration } from "./memory.ts";
import { agentIdsIn, negotiate, readOne } from "./verifier.ts";

export type RegistrarInput = {
  before: Readonly<Record<string, Registration>>;
  /** Agents whose entry is read again, because something about them has just begun anew. */
  suspects: ReadonlySet<string>;
  /** Read the entries of all agents again. */
  sweep: boolean;
  nowMs: number;
  warn: (text: string) => void;
};

export type RegistrarReading = {
  registrations: Record<string, Registration>;
  documents: string[];
  /** The list and every entry that was asked for could be read. */
  isComplete: boolean;
};

/** @throws {FetchError} when the list of agents could not be read */
export async function readRegistrar(
  client: Client,
  { before, suspects, sweep, nowMs, warn }: RegistrarInput,
): Promise<RegistrarReading> {
  const { v2 } = await negotiate(client, "agents/");
  const path = `v${v2}/agents/`;
  const uuids = member(member(jsonOf(await client.get(path), `/${path}`), "results"), "uuids");
  if (!Array.isArray(uuids)) throw new FetchError(`GET /${path} lists no agents`, { isTransient: false });
  const listed = new Set(agentIdsIn(uuids, warn));
  const known = new Map(Object.entries(before));
  const wanted = [...listed].filter((id) => sweep || suspects.has(id) || known.get(id)?.isGone !== false);
  const entries = await Promise.all(
    wanted.map(async (id) => ({
      id,
      entry: await readOne(client, `${path}${encodeURIComponent(id)}`, warn),
    })),
  );

  const documents: string[] = [];
  const after = new Map(known);
  const note = (agentId: string, entry: Fields | null) => {
    const registration = registrationOf(entry, known.get(agentId));
    if (registration.entry === known.get(agentId)?.entry) return;
    documents.push(documentOf(registrarStatement({ agentId, entry, before: known.get(agentId) }), nowMs));
    after.set(agentId, registration);
  };
  for (const { id, entry } of entries) {
    if (typeof entry !== "string") note(id, registrarFields(entry));
    else if (entry === "gone" && known.has(id)) note(id, null);
  }
  for (const [id, { isGone }] of known) {
    if (!isGone && !listed.has(id)) note(id, null);
  }
  const isComplete = entries.every(({ entry }) => entry !== "unread");
  return { registrations: Object.fromEntries(after), documents, isComplete };
}

/** Keys that are gone stay pinned: an agent that comes back with others is the case to look for. */
function registrationOf(entry: Fields | null, before: Registration | undefined): Registration {
  const ek = entry === null ? (before?.ek ?? null) : keyDigest(entry.ek_tpm);
  const aik = entry === null ? (before?.aik ?? null) : keyDigest(entry.aik_tpm);
  return {
    ek,
    aik,
    regcount: entry === null ? (before?.regcount ?? null) : wholeNumber(entry.regcount),
    pinnedEk: before?.pinnedEk ?? ek,
    pinnedAik: before?.pinnedAik ?? aik,
    entry: digestOf(entry),
    isGone: entry === null,
  };
}

/** SHA-256 of a TPM public area, which the registrar spells in base64; `null` when there is none. */
function keyDigest(value: unknown): string | null {
  if (typeof value !== "string" || value === "") return null;
  return createHash("sha256").update(Buffer.from(value, "base64")).digest("hex");
}
