/** UEFI variables as events carry them (`UEFI_VARIABLE_DATA`), and what the known ones say. */
import { ByteReader, guidOf, isPrintable, utf8Of, utf16Of } from "./bytes.ts";
import { devicePathText } from "./device-path.ts";

export type EfiVariable = { guid: string; name: string; data: Uint8Array };

const MAX_NAME_CHARS = 128;

/** @returns `null` when the bytes hold no variable */
export function efiVariableOf(bytes: Uint8Array): EfiVariable | null {
  const reader = new ByteReader(bytes);
  const guid = reader.take(16);
  const nameChars = reader.size64();
  const dataBytes = reader.size64();
  if (guid === null || nameChars === null || dataBytes === null) return null;
  if (nameChars < 1 || nameChars > MAX_NAME_CHARS) return null;
  const name = reader.take(nameChars * 2);
  const data = reader.take(dataBytes);
  return name && data && { guid: guidOf(guid), name: utf16Of(name), data };
}

/** Variables whose value is one byte, and whether it is set. */
const FLAGS: ReadonlySet<string> = new Set([
  "SecureBoot",
  "SetupMode",
  "AuditMode",
  "DeployedMode",
  "MokListTrusted",
  "MokSBState",
]);
const KEY_DATABASES: ReadonlySet<string> = new Set([
  "PK",
  "KEK",
  "db",
  "dbx",
  "dbt",
  "dbr",
  "MokList",
  "MokListX",
]);

export const isFlag = (name: string) => FLAGS.has(name);
export const isKeyDatabase = (name: string) => KEY_DATABASES.has(name);
export const isBootOption = (name: string) => /^(?:Boot|Driver|SysPrep)[0-9A-Fa-f]{4}$/.test(name);

/** The value of a variable in words; `null` = nothing is known about its form. */
export function efiValueWords({ name, data }: EfiVariable): string | null {
  if (FLAGS.has(name)) return data.length === 0 ? "not set" : data[0] === 1 ? "on" : "off";
  if (KEY_DATABASES.has(name)) return keyDatabaseWords(data);
  if (isBootOption(name)) return bootOptionWords(data);
  if (/^(?:Boot|Driver)Order$/.test(name)) return bootOrderWords(data);
  if (name === "SbatLevel") return utf8Of(data).trim().split(/\s+/).join("; ");
  return isPrintable(data) ? utf8Of(data) : null;
}

/** SHA-256 of images; everything else in a list of signatures is a certificate or a kind of hash. */
const SHA256_GUID = "c1c41626-504c-4092-aca9-41f936934328";
const X509_GUID = "a5c059a1-94e4-4aa7-87b5-ab155c2bf072";
const MAX_LISTS = 4096;

function keyDatabaseWords(data: Uint8Array): string {
  if (data.length === 0) return "empty";
  const counts = { hashes: 0, certificates: 0, other: 0 };
  const reader = new ByteReader(data);
  for (let lists = 0; reader.left > 0 && lists < MAX_LISTS; lists++) {
    const guid = reader.take(16);
    const listBytes = reader.u32();
    const headerBytes = reader.u32();
    const entryBytes = reader.u32();
    if (guid === null || listBytes === null || headerBytes === null || entryBytes === null) break;
    const body = reader.take(listBytes - 28);
    if (body === null || entryBytes < 16 || headerBytes > body.length) break;
    const entries = Math.floor((body.length - headerBytes) / entryBytes);
    const type = guidOf(guid);
    counts[type === SHA256_GUID ? "hashes" : type === X509_GUID ? "certificates" : "other"] += entries;
  }
  const words = [
    [counts.certificates, "certificate"],
    [counts.hashes, "hash"],
    [counts.other, "other entry"],
  ]
    .filter(([count]) => count !== 0)
    .map(([count, noun]) => counted(Number(count), String(noun)));
  return words.length > 0 ? words.join(", ") : counted(data.length, "byte");
}

function counted(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  const plural = noun.endsWith("y")
    ? `${noun.slice(0, -1)}ies`
    : noun.endsWith("sh")
      ? `${noun}es`
      : `${noun}s`;
  return `${count} ${plural}`;
}

function bootOptionWords(data: Uint8Array): string {
  const reader = new ByteReader(data);
  const attributes = reader.u32();
  const pathBytes = reader.u16();
  if (attributes === null || pathBytes === null) return "unreadable";
  const rest = data.subarray(reader.at);
  const description = utf16Of(rest);
  const path = devicePathText(rest.subarray((description.length + 1) * 2));
  const state = attributes % 2 === 1 ? "" : " (inactive)";
  return `${description}${path === "" ? "" : ` at ${path}`}${state}`;
}

const MAX_ORDER = 64;

function bootOrderWords(data: Uint8Array): string {
  const reader = new ByteReader(data);
  const names: string[] = [];
  for (let next = reader.u16(); next !== null && names.length < MAX_ORDER; next = reader.u16()) {
    names.push(next.toString(16).toUpperCase().padStart(4, "0"));
  }
  return names.join(", ");
}
