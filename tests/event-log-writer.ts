/** Writes TCG event logs and lines of IMA logs, as firmware and kernels do. The reader's counterpart. */
import { createHash } from "node:crypto";
import type { Hash } from "#lib/domain/measured-boot/algorithms";
import { EV } from "#lib/domain/measured-boot/event-types";

const NODE_NAMES = new Set(["sha1", "sha256", "sha384", "sha512"]);

/** The hash that tests hand in: Node's, for what every build of it knows. */
export const nodeHash: Hash = (algorithm, ...parts) => {
  if (!NODE_NAMES.has(algorithm)) return null;
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
};

export type WrittenBank = { algorithm: number; bytes: number };
export const SHA1_BANK: WrittenBank = { algorithm: 4, bytes: 20 };
export const SHA256_BANK: WrittenBank = { algorithm: 11, bytes: 32 };

export type WrittenEvent = {
  register: number;
  type: number;
  data: Uint8Array;
  /** One for each bank, in their order; absent = the hash of the data. */
  digests?: readonly Uint8Array[];
};

const u16 = (value: number) => Uint8Array.of(value & 0xff, value >> 8);
const u32 = (value: number) => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
};
const u64 = (value: number) => joined(u32(value), u32(0));
export const ascii = (text: string) => new TextEncoder().encode(text);
const wide = (text: string) =>
  joined(...Array.from({ length: text.length }, (_, i) => u16(text.charCodeAt(i))));
export const joined = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

function digestOf({ algorithm, bytes }: WrittenBank, data: Uint8Array): Uint8Array {
  const name = { 4: "sha1", 11: "sha256", 12: "sha384", 13: "sha512" }[algorithm];
  if (name !== undefined) return createHash(name).update(data).digest();
  const made = createHash("sha512").update(data).digest();
  return joined(made, made, made).subarray(0, bytes);
}

/** A log of the SHA-1 format, without a header. */
export function writeSha1Log(events: readonly WrittenEvent[]): Uint8Array {
  return joined(
    ...events.map(({ register, type, data, digests }) =>
      joined(u32(register), u32(type), digests?.[0] ?? digestOf(SHA1_BANK, data), u32(data.length), data),
    ),
  );
}

/** A crypto-agile log with its header, which is event 0 of what a reader finds. */
export function writeAgileLog(banks: readonly WrittenBank[], events: readonly WrittenEvent[]): Uint8Array {
  const header = joined(
    ascii("Spec ID Event03\0"),
    u32(0),
    Uint8Array.of(0, 2, 0, 2),
    u32(banks.length),
    ...banks.map(({ algorithm, bytes }) => joined(u16(algorithm), u16(bytes))),
    Uint8Array.of(0),
  );
  return joined(
    writeSha1Log([{ register: 0, type: EV.NO_ACTION, data: header, digests: [new Uint8Array(20)] }]),
    ...events.map(({ register, type, data, digests }) =>
      joined(
        u32(register),
        u32(type),
        u32(banks.length),
        ...banks.map((bank, i) => joined(u16(bank.algorithm), digests?.[i] ?? digestOf(bank, data))),
        u32(data.length),
        data,
      ),
    ),
  );
}

const GLOBAL_GUID = Uint8Array.from(Buffer.from("61dfe48bca93d211aa0d00e098032b8c", "hex"));

export function efiVariable(name: string, data: Uint8Array): Uint8Array {
  return joined(GLOBAL_GUID, u64(name.length), u64(data.length), wide(name), data);
}

export const secureBoot = (on: boolean): WrittenEvent => ({
  register: 7,
  type: EV.EFI_VARIABLE_DRIVER_CONFIG,
  data: efiVariable("SecureBoot", Uint8Array.of(on ? 1 : 0)),
});

/** A device path that ends in a file. */
function filePath(file: string): Uint8Array {
  const name = joined(wide(file), u16(0));
  return joined(Uint8Array.of(4, 4), u16(4 + name.length), name, Uint8Array.of(0x7f, 0xff, 4, 0));
}

/** A program that the firmware started; `content` stands for what is measured of it. */
export function bootProgram(file: string, content: string): WrittenEvent {
  const path = filePath(file);
  return {
    register: 4,
    type: EV.EFI_BOOT_SERVICES_APPLICATION,
    data: joined(u64(0x1000), u64(content.length), u64(0), u64(path.length), path),
    digests: [SHA1_BANK, SHA256_BANK].map((bank) => digestOf(bank, ascii(content))),
  };
}

/** A file that the boot loader read. */
export const bootFile = (name: string, content: string): WrittenEvent => ({
  register: 9,
  type: EV.IPL,
  data: ascii(`${name}\0`),
  digests: [SHA1_BANK, SHA256_BANK].map((bank) => digestOf(bank, ascii(content))),
});

export const command = (text: string): WrittenEvent => ({
  register: 8,
  type: EV.IPL,
  data: ascii(`grub_cmd: ${text}\0`),
  digests: [SHA1_BANK, SHA256_BANK].map((bank) => digestOf(bank, ascii(text))),
});

export const separator = (register: number): WrittenEvent => ({
  register,
  type: EV.SEPARATOR,
  data: new Uint8Array(4),
});

/** A small machine: firmware, Secure Boot, a boot loader, commands and files. */
export function smallBoot({ on = true, loader = "shim 1", config = "menu 1" } = {}): WrittenEvent[] {
  return [
    { register: 0, type: EV.S_CRTM_VERSION, data: joined(wide("1.2.3"), u16(0)) },
    secureBoot(on),
    { register: 7, type: EV.EFI_VARIABLE_DRIVER_CONFIG, data: efiVariable("dbx", new Uint8Array(0)) },
    separator(7),
    separator(4),
    bootProgram("\\EFI\\BOOT\\BOOTX64.EFI", loader),
    command("set timeout=5"),
    command("linux /vmlinuz root=/dev/sda1"),
    bootFile("(hd0,gpt2)/grub/grub.cfg", config),
    bootFile("/vmlinuz", "kernel 1"),
  ];
}

/** What the SHA-256 bank of a TPM holds after the events; PCRs that start at zero. */
export function pcrSha256(events: readonly WrittenEvent[], register: number): string {
  return events
    .filter((event) => event.register === register && event.type !== EV.NO_ACTION)
    .reduce((pcr, { data, digests }) => {
      const digest = digests?.[1] ?? digestOf(SHA256_BANK, data);
      return createHash("sha256").update(pcr).update(digest).digest();
    }, Buffer.alloc(32))
    .toString("hex");
}

export const BANKS: readonly WrittenBank[] = [SHA1_BANK, SHA256_BANK];

/** A line of an IMA log with the template's own hash. */
export function imaLine(
  path: string,
  content: string,
  template: "ima" | "ima-ng" | "ima-sig" = "ima-ng",
): string {
  const name = ascii(path);
  if (template === "ima") {
    const digest = createHash("sha1").update(content).digest();
    const padded = new Uint8Array(256);
    padded.set(name);
    const hash = createHash("sha1").update(digest).update(padded).digest("hex");
    return `10 ${hash} ima ${digest.toString("hex")} ${path}`;
  }
  const digest = createHash("sha256").update(content).digest();
  const field = (bytes: Uint8Array) => joined(u32(bytes.length), bytes);
  const signature =
    template === "ima-sig" ? Uint8Array.from(Buffer.from(`0302${"ab".repeat(16)}`, "hex")) : null;
  const data = joined(
    field(joined(ascii("sha256:\0"), digest)),
    field(joined(name, Uint8Array.of(0))),
    ...(signature ? [field(signature)] : []),
  );
  const hash = createHash("sha1").update(data).digest("hex");
  const tail = signature ? ` ${Buffer.from(signature).toString("hex")}` : "";
  return `10 ${hash} ${template} sha256:${digest.toString("hex")} ${path}${tail}`;
}
