/**
 * The container of a pack: a ZIP that can be written in one way only, so that every byte of it is accounted for.
 *
 * Reading one means writing its headers again and comparing. There is no room in it for bytes outside of entries,
 * comments, extra fields, a second directory, or a name that leads out of the folder that it is unpacked in.
 */
import { crc32, inflateRawSync } from "node:zlib";
import { deflateSync } from "fflate";
import { joined, sameBytes, utf8 } from "#lib/domain/merkle/bytes";

/** What a pack may be: enough for a report on a large fleet, and no more than a machine for one can hold. */
export const ZIP_LIMITS = {
  /** Of the whole ZIP, bytes. */
  bytes: 1_024 * 1_024 * 1_024,
  /** Of one file when it is unpacked; a text must fit into one string. Bytes. */
  fileBytes: 400 * 1_024 * 1_024,
  /** Of all files when they are unpacked, bytes. */
  totalBytes: 2 * 1_024 * 1_024 * 1_024,
  files: 20_000,
} as const;

/** How much is read: of what a pack may hold at most, or of what one request may have looked at. */
export type ZipLimits = Record<keyof typeof ZIP_LIMITS, number>;

export type ZipEntry = {
  name: string;
  method: Method;
  crc: number;
  /** Bytes when it is unpacked. */
  size: number;
  /** As they lie in the ZIP. */
  packed: Uint8Array;
};

const METHOD = { stored: 0, deflated: 8 } as const;
type Method = (typeof METHOD)[keyof typeof METHOD];

const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const END_BYTES = 22;
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
/** What it takes to unpack: version 2.0 of the format. */
const VERSION = 20;
/** 1980-01-01, the first day that a ZIP can name: the same report gives the same bytes whenever it is packed. */
const DOS_DATE = 0x21;

/** Names that mean the same on every system: no way up, no hidden file, nothing to be unescaped. */
const NAME =
  /^(?=.{1,200}$)[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(\/[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)*$/;

/** A file made ready for a ZIP. The same bytes give the same entry on every machine. */
export function zipEntry(name: string, content: Uint8Array, { deflate }: { deflate: boolean }): ZipEntry {
  const deflated = deflate ? deflateSync(content) : content;
  const method = deflated.length < content.length ? METHOD.deflated : METHOD.stored;
  const packed = method === METHOD.deflated ? deflated : content;
  return { name, method, packed, crc: crc32(content), size: content.length };
}

/** Entries that no reader of packs would take. */
export class PackError extends Error {
  override readonly name = "PackError";
}

/** @throws {PackError} */
export function writeZip(entries: readonly ZipEntry[]): Uint8Array {
  const sorted = [...entries].sort((a, b) => (a.name < b.name ? -1 : 1));
  const fault = faultOfEntries(sorted, ZIP_LIMITS);
  if (fault) throw new PackError(`${fault.part}: ${fault.why}`);
  const locals: Uint8Array[] = [];
  const centrals: Uint8Array[] = [];
  let offset = 0;
  for (const entry of sorted) {
    const local = localHeader(entry);
    locals.push(local, entry.packed);
    centrals.push(centralHeader(entry, offset));
    offset += local.length + entry.packed.length;
  }
  const directory = joined(centrals);
  const end = endRecord({ count: sorted.length, directoryBytes: directory.length, offset });
  const bytes = joined([...locals, directory, end]);
  if (bytes.length > ZIP_LIMITS.bytes) throw new PackError("The pack is larger than a pack may be");
  return bytes;
}

/** `part` names what is wrong, `why` ends a sentence about it. */
export type ZipFault = { part: string; why: string };
export type ReadZip = { ok: true; entries: ZipEntry[] } | { ok: false; fault: ZipFault };

const DIRECTORY = "the directory of the ZIP";

/** The entries of a ZIP that {@link writeZip} could have written. Nothing is unpacked. */
export function readZip(bytes: Uint8Array, limits: ZipLimits = ZIP_LIMITS): ReadZip {
  const refused = (part: string, why: string): ReadZip => ({ ok: false, fault: { part, why } });
  if (bytes.length > limits.bytes) return refused("the ZIP", "is larger than a pack may be");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length - END_BYTES;
  if (end < 0 || view.getUint32(end, true) !== END) {
    return refused("the end of the ZIP", "is not there: it is no ZIP, was cut short, or something was added");
  }
  const count = view.getUint16(end + 10, true);
  const start = view.getUint32(end + 16, true);
  const entries: ZipEntry[] = [];
  let [at, offset] = [start, 0];
  for (let n = 0; n < count; n += 1) {
    const entry = at + CENTRAL_BYTES <= end ? readCentral(bytes, view, { at, offset }) : null;
    if (!entry) return refused(DIRECTORY, `cannot be read at entry ${n}`);
    const local = localHeader(entry);
    const central = centralHeader(entry, offset);
    const packedAt = offset + local.length;
    const ownName = localName(bytes, view, offset);
    if (ownName !== entry.name) {
      return refused(DIRECTORY, `names a file ${entry.name} that calls itself ${ownName}`);
    }
    if (!sameBytes(bytes.subarray(at, at + central.length), central)) {
      return refused(entry.name, "has another entry in the directory of the ZIP than a pack gives it");
    }
    if (packedAt + entry.packed.length > start || !sameBytes(bytes.subarray(offset, packedAt), local)) {
      return refused(entry.name, "has another header than the directory of the ZIP says");
    }
    entries.push(entry);
    at += central.length;
    offset = packedAt + entry.packed.length;
  }
  if (offset !== start) return refused(DIRECTORY, "does not begin where the last file ends");
  const record = endRecord({ count, directoryBytes: at - start, offset });
  if (at !== end || !sameBytes(bytes.subarray(end), record)) {
    return refused("the end of the ZIP", "is not what its files make it");
  }
  const fault = faultOfEntries(entries, limits);
  return fault ? { ok: false, fault } : { ok: true, entries };
}

/** The content of an entry, never more than it says it is; `null` when its bytes are not those that were packed. */
export function unpack({ method, packed, size, crc }: ZipEntry): Uint8Array | null {
  const content = method === METHOD.stored ? packed : inflated(packed, size);
  return content?.length === size && crc32(content) === crc ? content : null;
}

function inflated(packed: Uint8Array, size: number): Uint8Array | null {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) });
  } catch {
    return null;
  }
}

function faultOfEntries(sorted: readonly ZipEntry[], limits: ZipLimits): ZipFault | null {
  if (sorted.length > limits.files) return { part: DIRECTORY, why: "names more files than a pack may hold" };
  const seen = new Set<string>();
  let [before, total] = ["", 0];
  for (const { name, method, size, packed } of sorted) {
    const refused = (why: string): ZipFault => ({ part: name, why });
    if (!NAME.test(name)) return refused("is no name that a file of a pack may have");
    // Systems that do not tell A from a would write one file over the other.
    if (name <= before || seen.has(name.toLowerCase())) return refused("is there twice, or out of order");
    if (method === METHOD.stored && size !== packed.length) return refused("is stored, in another size");
    if (method === METHOD.deflated && size <= packed.length) return refused("is deflated, for nothing");
    total += size;
    if (size > limits.fileBytes || total > limits.totalBytes) return refused("unpacks to too much");
    seen.add(name.toLowerCase());
    before = name;
  }
  return null;
}

/** `null` when it is none, or of a method that packs do not use. */
function readCentral(
  bytes: Uint8Array,
  view: DataView,
  { at, offset }: { at: number; offset: number },
): ZipEntry | null {
  const method = view.getUint16(at + 10, true);
  if (method !== METHOD.stored && method !== METHOD.deflated) return null;
  const nameAt = at + CENTRAL_BYTES;
  const nameBytes = bytes.subarray(nameAt, nameAt + view.getUint16(at + 28, true));
  const packedAt = offset + LOCAL_BYTES + nameBytes.length;
  return {
    name: latin1(nameBytes),
    method,
    crc: view.getUint32(at + 16, true),
    size: view.getUint32(at + 24, true),
    packed: bytes.subarray(packedAt, packedAt + view.getUint32(at + 20, true)),
  };
}

/** The name that a file has in its own header, as far as there is one. */
function localName(bytes: Uint8Array, view: DataView, offset: number): string {
  if (offset + LOCAL_BYTES > bytes.length) return "";
  const nameAt = offset + LOCAL_BYTES;
  return latin1(bytes.subarray(nameAt, nameAt + view.getUint16(offset + 26, true)));
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

function localHeader(entry: ZipEntry): Uint8Array {
  const bytes = new Uint8Array(LOCAL_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, LOCAL, true);
  view.setUint16(4, VERSION, true);
  writeShared(view, 6, entry);
  return joined([bytes, utf8(entry.name)]);
}

function centralHeader(entry: ZipEntry, offset: number): Uint8Array {
  const bytes = new Uint8Array(CENTRAL_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, CENTRAL, true);
  view.setUint16(4, VERSION, true);
  view.setUint16(6, VERSION, true);
  writeShared(view, 8, entry);
  view.setUint32(42, offset, true);
  return joined([bytes, utf8(entry.name)]);
}

/** What both headers say, from the flags on, of which none is set. */
function writeShared(view: DataView, at: number, { name, method, crc, size, packed }: ZipEntry): void {
  view.setUint16(at + 2, method, true);
  view.setUint16(at + 6, DOS_DATE, true);
  view.setUint32(at + 8, crc, true);
  view.setUint32(at + 12, packed.length, true);
  view.setUint32(at + 16, size, true);
  view.setUint16(at + 20, utf8(name).length, true);
}

function endRecord(args: { count: number; directoryBytes: number; offset: number }): Uint8Array {
  const bytes = new Uint8Array(END_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, END, true);
  view.setUint16(8, args.count, true);
  view.setUint16(10, args.count, true);
  view.setUint32(12, args.directoryBytes, true);
  view.setUint32(16, args.offset, true);
  return bytes;
}
