/**
 * Which layer of a machine a measured path belongs to.
 *
 * Sources name the same thing differently; people ask "was it the firmware or the kernel?". The
 * table is ordered: the first pattern that matches decides, the more special ones stand first.
 */

export const LAYERS = [
  "firmware",
  "boot",
  "secure_boot",
  "kernel",
  "cmdline",
  "ima_file",
  "container_runtime",
  "image",
  "config",
  "role",
] as const;
export type Layer = (typeof LAYERS)[number];

/** What each PCR of a PC measures; the registers from 16 on belong to whoever uses them. */
const PCR_LAYER: Readonly<Record<number, Layer>> = {
  0: "firmware",
  1: "firmware",
  2: "firmware",
  3: "firmware",
  4: "boot",
  5: "boot",
  6: "firmware",
  7: "secure_boot",
  8: "cmdline",
  9: "kernel",
  10: "ima_file",
  11: "kernel",
  12: "cmdline",
  13: "image",
  14: "secure_boot",
};

/** What a confidential guest's runtime registers measure: firmware settings, boot chain, kernel, the rest. */
const RTMR_LAYER: Readonly<Record<number, Layer>> = { 0: "firmware", 1: "boot", 2: "kernel" };

const PCR = /(?:^|[/._-])v?pcr(?:[/._-](?:sha\d+|sm3))?[/._-]?(\d{1,2})$/;
const RTMR = /rtmr[/._-]?(\d)$/;

const TABLE: readonly (readonly [RegExp, Layer])[] = [
  [/(?:^|[/._-])role(?:[/._-]|$)/, "role"],
  [/secure[/._-]?boot|(?:^|[/._-])(?:dbx?|kek|pk|mok|shim)(?:[/._-]|$)/, "secure_boot"],
  [/cmdline|command[/._-]?line/, "cmdline"],
  [
    /boot[/._-]?aggregate|(?:^|[/._-])(?:boot[/._-]?(?:loader|chain|order)|grub|uki|initrd)(?:$|[/._-](?!svn))/,
    "boot",
  ],
  [/^ima(?:[/._-]|$)|[/.]ima[/.]/, "ima_file"],
  [/container[/._-]?runtime|containerd|cri-?o(?:[/._-]|$)|kata|runc|kubelet/, "container_runtime"],
  [/^container[/.]image|image[/._-]?(?:id|digest|reference|name)|(?:^|[/._-])image(?:[/._-]|$)/, "image"],
  [/^subject\/|^resource-uri$|^verified-levels$/, "image"],
  [/^os(?:[/._-]|$)|osdistro|osversion|osbuild|^sw(?:name|version)$/, "image"],
  [/mr[/._-]?enclave|mr[/._-]?signer|isv[/._-]?|realm/, "image"],
  [/(?:^|[/._-])kernel(?:[/._-]|$)|driver[/._-]?version|kernel[/._-]?module/, "kernel"],
  [/firmware|bios|(?:^|[/._-])fw(?:[/._-]|$)|microcode|ucode|tcb|svn|mr[/._-]?(?:td|seam)$/, "firmware"],
  [/launch[/._-]?measurement|snp[/.]measurement|^psa-|cca[/.]platform|^hwmodel$|^oemid$|cpu/, "firmware"],
];

/** Layer of a measured path; `config` for what no rule knows. */
export function layerOf(path: string): Layer {
  const name = path.toLowerCase();
  const pcr = PCR.exec(name);
  if (pcr) return PCR_LAYER[Number(pcr[1])] ?? "config";
  const rtmr = RTMR.exec(name);
  if (rtmr) return RTMR_LAYER[Number(rtmr[1])] ?? "config";
  return TABLE.find(([pattern]) => pattern.test(name))?.[1] ?? "config";
}

/** Whether a path is a register: a hash over measurements, which only their log can explain. */
export function isRegister(path: string): boolean {
  const name = path.toLowerCase();
  return PCR.test(name) || RTMR.test(name);
}
