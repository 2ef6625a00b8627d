/** What each register stands for. */

/** `tpm`: PCRs of a TPM. `cc`: measurement registers of a confidential guest (TDX). */
export type RegisterKind = "tpm" | "cc";

type Meaning = { title: string; sentence: string };

const PCRS: readonly Meaning[] = [
  { title: "Firmware code", sentence: "The firmware itself and what it loads from its own flash." },
  { title: "Firmware configuration", sentence: "Settings and data of the firmware, boot order included." },
  { title: "Option ROM code", sentence: "Drivers that cards and plug-in devices bring." },
  { title: "Option ROM data", sentence: "Configuration of drivers that cards and plug-in devices bring." },
  { title: "Boot loader", sentence: "The programs that the firmware and the boot loaders start, in order." },
  { title: "Partition table", sentence: "The partitions of the boot disk, and settings of boot loaders." },
  { title: "Vendor", sentence: "What the maker of the machine measures, and wake-ups." },
  { title: "Secure Boot", sentence: "Whether Secure Boot is on, its keys, and which of them were used." },
  { title: "Boot commands", sentence: "Commands of the boot loader and the command line of the kernel." },
  { title: "Boot files", sentence: "Files that the boot loader read, the kernel and initrd among them." },
  { title: "Files (IMA)", sentence: "Files that the running kernel measured before they were used." },
  { title: "Unified kernel image", sentence: "Kernel image in one file, and phases of the start." },
  {
    title: "Kernel parameters",
    sentence: "Command line, credentials and add-ons of a unified kernel image.",
  },
  { title: "System extensions", sentence: "Extension images for the initrd." },
  { title: "Machine owner keys", sentence: "Keys and hashes that the owner added for shim." },
  { title: "System identity", sentence: "Machine id, root file system and volume keys." },
];

const RTMRS: readonly Meaning[] = [
  { title: "Guest image (MRTD)", sentence: "The firmware that the guest was built from." },
  {
    title: "Firmware settings (RTMR 0)",
    sentence: "Configuration of the guest's firmware, Secure Boot included.",
  },
  { title: "Boot chain (RTMR 1)", sentence: "Boot loaders, partition table and kernel." },
  {
    title: "Operating system (RTMR 2)",
    sentence: "Commands and files of the boot loader, command line, initrd.",
  },
  { title: "Runtime (RTMR 3)", sentence: "What the guest's software measures for itself." },
];

const OTHER: Meaning = { title: "Other", sentence: "A register with no meaning that is agreed upon." };
const DYNAMIC: Meaning = {
  title: "Dynamic launch",
  sentence: "A start that happened inside a running system.",
};

export function registerMeaning(kind: RegisterKind, register: number): Meaning {
  if (kind === "cc") return RTMRS[register] ?? OTHER;
  if (register >= 17 && register <= 22) return DYNAMIC;
  return PCRS[register] ?? OTHER;
}

/** `PCR 7`, `RTMR 0`. A guest's log numbers its registers from the image on. */
export function registerName(kind: RegisterKind, register: number): string {
  if (kind === "tpm") return `PCR ${register}`;
  return register === 0 ? "MRTD" : `RTMR ${register - 1}`;
}
