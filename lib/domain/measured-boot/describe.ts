/** What an event is about, in words. Descriptions come from the log; {@link dataProof} says what they are worth. */
import type { Hash } from "./algorithms.ts";
import { ByteReader, guidOf, hexOf, isFilledWith, isPrintable, sameBytes, utf8Of, utf16Of } from "./bytes.ts";
import { devicePathText, fileOfDevicePath } from "./device-path.ts";
import {
  type EfiVariable,
  efiValueWords,
  efiVariableOf,
  isBootOption,
  isFlag,
  isKeyDatabase,
} from "./efi-variable.ts";
import type { BootEvent } from "./event-log.ts";
import { EV, eventTypeName } from "./event-types.ts";

/** What kind of thing was measured; a sentence about a change is chosen by it. */
export type Part =
  | "flag"
  | "key_database"
  | "authority"
  | "boot_option"
  | "boot_order"
  | "variable"
  | "boot_program"
  | "driver"
  | "command"
  | "command_line"
  | "file"
  | "firmware"
  | "partition_table"
  | "tables"
  | "action"
  | "separator"
  | "note"
  | "other";

export type Described = {
  part: Part;
  /** Names the thing: events with the same subject in two logs are the same thing, measured twice. */
  subject: string;
  /** What it is or says; `null` = only its digest is known. */
  value: string | null;
};

export function describeEvent(event: BootEvent): Described {
  const { type, data } = event;
  switch (type) {
    case EV.NO_ACTION:
      return {
        part: "note",
        subject: isPrintable(data.subarray(0, 16)) ? utf8Of(data.subarray(0, 16)) : "note",
        value: null,
      };
    case EV.SEPARATOR:
      return { part: "separator", subject: "Separator", value: separatorWords(data) };
    case EV.S_CRTM_VERSION:
      return { part: "firmware", subject: "Firmware version", value: textOf(data) };
    case EV.EFI_VARIABLE_DRIVER_CONFIG:
    case EV.EFI_VARIABLE_BOOT:
    case EV.EFI_VARIABLE_BOOT2:
      return variableEvent(data, type);
    case EV.EFI_VARIABLE_AUTHORITY:
      return authorityEvent(data, type);
    case EV.EFI_BOOT_SERVICES_APPLICATION:
    case EV.EFI_BOOT_SERVICES_DRIVER:
    case EV.EFI_RUNTIME_SERVICES_DRIVER:
      return imageEvent(data, type);
    case EV.EFI_GPT_EVENT:
    case EV.EFI_GPT_EVENT2:
      return { part: "partition_table", subject: "Partition table", value: partitionTableWords(data) };
    case EV.EFI_HANDOFF_TABLES:
    case EV.EFI_HANDOFF_TABLES2:
      return { part: "tables", subject: "Tables of the firmware", value: null };
    case EV.EFI_PLATFORM_FIRMWARE_BLOB:
    case EV.EFI_PLATFORM_FIRMWARE_BLOB2:
      return { part: "firmware", subject: `Firmware volume${blobWords(data, type)}`, value: null };
    case EV.EFI_ACTION:
    case EV.ACTION:
      return { part: "action", subject: textOf(data) ?? "Action", value: null };
    case EV.IPL:
    case EV.EVENT_TAG:
      return loaderEvent(event);
    default:
      return { part: "other", subject: textOf(data) ?? eventTypeName(type), value: null };
  }
}

function separatorWords(data: Uint8Array): string {
  if (data.length === 4 && (isFilledWith(data, 0) || isFilledWith(data, 0xff))) return "end of this phase";
  return isPrintable(data) ? utf8Of(data) : `error ${hexOf(data.subarray(0, 4))}`;
}

/** The text that the bytes are, in whichever of the two encodings firmware uses; `null` = none. */
function textOf(data: Uint8Array): string | null {
  if (isPrintable(data)) return utf8Of(data);
  const isWide =
    data.length >= 4 && data.length % 2 === 0 && data.every((byte, i) => i % 2 === 0 || byte === 0);
  const wide = isWide ? utf16Of(data) : "";
  if (wide !== "" && !/[^\t\n\x20-\u00ff]/.test(wide)) return wide;
  return data.length === 16 && !isFilledWith(data, 0) ? guidOf(data) : null;
}

function variableEvent(data: Uint8Array, type: number): Described {
  const variable = efiVariableOf(data);
  if (variable === null) return { part: "other", subject: eventTypeName(type), value: null };
  const { name } = variable;
  const subject = name === "SecureBoot" ? "Secure Boot" : name;
  return { part: partOfVariable(name), subject, value: efiValueWords(variable) };
}

function partOfVariable(name: string): Part {
  if (isFlag(name)) return "flag";
  if (isKeyDatabase(name)) return "key_database";
  if (isBootOption(name)) return "boot_option";
  return /^(?:Boot|Driver)Order$/.test(name) ? "boot_order" : "variable";
}

/** Which entry of the databases vouched for what was started. */
function authorityEvent(data: Uint8Array, type: number): Described {
  const variable = efiVariableOf(data);
  if (variable === null) return { part: "other", subject: eventTypeName(type), value: null };
  if (variable.name === "SbatLevel" || isFlag(variable.name))
    return { ...variableEvent(data, type), part: "variable" };
  return { part: "authority", subject: `Signer in ${variable.name}`, value: signerWords(variable) };
}

/** Names in a certificate, found as its printable strings: to recognise it by, not to judge it. */
function signerWords({ data }: EfiVariable): string | null {
  const owned = data.subarray(16, 4112);
  const names: string[] = [];
  for (let at = 0; at + 4 < owned.length && names.length < 8; at++) {
    // commonName (2.5.4.3) in DER: 06 03 55 04 03, then the string with its tag and length.
    const isName = owned[at] === 0x55 && owned[at + 1] === 0x04 && owned[at + 2] === 0x03;
    if (!isName) continue;
    const length = owned[at + 4] ?? 0;
    const text = owned.subarray(at + 5, at + 5 + length);
    if (length < 128 && isPrintable(text)) names.push(utf8Of(text));
  }
  return names.at(-1) ?? null;
}

/** `UEFI_IMAGE_LOAD_EVENT`: where a program was loaded from. */
function imageEvent(data: Uint8Array, type: number): Described {
  const part = type === EV.EFI_BOOT_SERVICES_APPLICATION ? "boot_program" : "driver";
  const reader = new ByteReader(data);
  reader.take(24);
  const pathBytes = reader.size64();
  const path = pathBytes === null ? "" : devicePathText(data.subarray(reader.at, reader.at + pathBytes));
  const noun = part === "driver" ? "Driver" : "Program";
  return {
    part,
    subject: `${noun} ${fileOfDevicePath(path) ?? (path === "" ? "without a path" : path)}`,
    value: path || null,
  };
}

function blobWords(data: Uint8Array, type: number): string {
  if (type === EV.EFI_PLATFORM_FIRMWARE_BLOB2) {
    const size = data[0] ?? 0;
    const name = textOf(data.subarray(1, 1 + size));
    return name === null ? "" : ` ${name}`;
  }
  const base = new ByteReader(data).size64();
  return base === null ? "" : ` at 0x${base.toString(16)}`;
}

const MAX_PARTITIONS = 128;

/** `UEFI_GPT_DATA`: a header of 92 bytes, the number of partitions, and their entries. */
function partitionTableWords(data: Uint8Array): string | null {
  const count = new ByteReader(data.subarray(92)).size64();
  const entryBytes = new ByteReader(data.subarray(84)).u32();
  if (count === null || entryBytes === null || count > MAX_PARTITIONS || entryBytes < 128) return null;
  const names = Array.from({ length: count }, (_, i) => {
    const entry = data.subarray(100 + i * entryBytes, 100 + (i + 1) * entryBytes);
    return utf16Of(entry.subarray(56, 128));
  }).filter((name) => name !== "");
  return `${count} partition${count === 1 ? "" : "s"}${names.length === 0 ? "" : `: ${names.join(", ")}`}`;
}

/** What boot loaders write: commands, command lines and names of files, each in its own way. */
function loaderEvent({ type, register, data }: BootEvent): Described {
  const text = textOf(type === EV.EVENT_TAG ? data.subarray(8) : data) ?? null;
  if (text === null) return { part: "other", subject: eventTypeName(type), value: null };
  const command = /^(?:grub_)?cmd(?::\s*|\s+)([\s\S]*)$/.exec(text)?.[1];
  if (command !== undefined) {
    const [word = ""] = command.trim().split(/\s/, 1);
    return { part: "command", subject: `Command ${word}`, value: command };
  }
  const line = /^(?:grub_)?kernel_cmdline(?::\s*|\s+)([\s\S]*)$/.exec(text)?.[1];
  if (line !== undefined) return { part: "command_line", subject: "Kernel command line", value: line };
  if (register === 8 && !isFileName(text))
    return { part: "command_line", subject: "Command line", value: text };
  if (register === 12) return { part: "command_line", subject: "Kernel command line", value: text };
  if (/^Mok|^Shim|^Sbat/i.test(text)) return { part: "key_database", subject: text, value: null };
  return { part: "file", subject: fileName(text), value: text };
}

const isFileName = (text: string) => /^(?:\([^)]*\))?[\\/]\S+$/.test(text);

/** `grub.cfg` of `(hd0,gpt2)/EFI/grub/grub.cfg`; names of other forms stay as they are. */
function fileName(text: string): string {
  const last = isFileName(text) ? text.split(/[\\/]/).at(-1) : undefined;
  return last || text.replace(/^grub_linuxefi\s+/, "");
}

/**
 * Whether a digest is over the very bytes that the description was read from.
 *
 * `proven`: who believes the register may believe the words. `contradicted`: the type asks for it, and
 * it is not so. `separate`: the digest is over something else (a program, a file), the words are only
 * the log's.
 */
export type DataProof = "proven" | "contradicted" | "separate";

/** Types that every firmware measures as it writes them down; on others, old firmware and shims differ. */
const OVER_DATA: ReadonlySet<number> = new Set([
  EV.SEPARATOR,
  EV.EFI_VARIABLE_DRIVER_CONFIG,
  EV.EFI_ACTION,
  EV.EFI_GPT_EVENT,
]);

export function dataProof(event: BootEvent, bankName: (algorithm: number) => string, hash: Hash): DataProof {
  const candidates = measuredBytes(event);
  for (const { algorithm, digest } of event.digests) {
    for (const bytes of candidates) {
      const computed = hash(bankName(algorithm), bytes);
      if (computed !== null && sameBytes(computed, digest)) return "proven";
    }
    if (hash(bankName(algorithm), event.data) !== null)
      return OVER_DATA.has(event.type) ? "contradicted" : "separate";
  }
  return "separate";
}

const VARIABLES: ReadonlySet<number> = new Set([
  EV.EFI_VARIABLE_DRIVER_CONFIG,
  EV.EFI_VARIABLE_BOOT,
  EV.EFI_VARIABLE_AUTHORITY,
]);

/** The forms in which firmware and boot loaders measure what they also write down. */
function measuredBytes({ type, data }: BootEvent): Uint8Array[] {
  const variable = VARIABLES.has(type) ? efiVariableOf(data) : null;
  if (variable !== null) return [data, variable.data];
  if (type !== EV.IPL) return [data];
  const text = textOf(data) ?? "";
  const inner = /^(?:grub_)?(?:cmd|kernel_cmdline)(?::\s|\s)([\s\S]*)$/.exec(text)?.[1];
  if (inner === undefined) return [data];
  const encoder = new TextEncoder();
  return [data, encoder.encode(inner), encoder.encode(`${inner}\0`)];
}
