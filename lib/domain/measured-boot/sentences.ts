/** One change of a log as a person would say it. */
import type { Described } from "./describe.ts";
import type { EventChangeKind } from "./explain.ts";

const MAX_VALUE_CHARS = 160;

/** At least one side is there; both are for a change and a move. */
export function sentenceOf(kind: EventChangeKind, a: Described | null, b: Described | null): string {
  const shown = b ?? a;
  if (shown === null) return "";
  if (kind === "moved") return `${nameOf(shown)} stands in another place`;
  if (kind === "added") return addedSentence(shown);
  if (kind === "removed") return `${nameOf(shown)} is gone`;
  return a === null || b === null ? nameOf(shown) : changedSentence(a, b);
}

function addedSentence(b: Described): string {
  if (b.part === "flag") return `${b.subject} is now measured: ${b.value ?? "unknown"}`;
  return `new: ${nameOf(b)}`;
}

function changedSentence(a: Described, b: Described): string {
  const values = a.value !== null && b.value !== null && a.value !== b.value;
  switch (b.part) {
    case "flag":
      if (values && (b.value === "on" || b.value === "off")) return `${b.subject} switched ${b.value}`;
      return `${b.subject} changed`;
    case "boot_program":
      return `${b.value === null ? "other program" : "other boot loader"}: ${fileOf(b)}${fileOf(a) === fileOf(b) ? "" : `, before ${fileOf(a)}`}`;
    case "authority":
      return `other signer: ${signerOf(b)}${values ? `, before ${signerOf(a)}` : ""}`;
    case "command_line":
    case "command":
      return values
        ? `${lower(b.subject)} changed: ${clip(b.value)}, before ${clip(a.value)}`
        : `${lower(b.subject)} changed`;
    case "file":
      return a.subject === b.subject ? `${b.subject} changed` : `${b.subject} instead of ${a.subject}`;
    case "key_database":
    case "boot_option":
    case "boot_order":
    case "variable":
    case "partition_table":
    case "firmware":
      return values
        ? `${lower(b.subject)} changed: ${clip(b.value)}, before ${clip(a.value)}`
        : `${lower(b.subject)} changed`;
    case "separator":
      return `${lower(b.subject)} changed: ${clip(b.value)}, before ${clip(a.value)}`;
    default:
      return `${nameOf(b)} changed`;
  }
}

/** A file's or program's name says enough; of a command, the whole line. */
function nameOf({ part, subject, value }: Described): string {
  if (part === "command") return `command ${clip(value)}`;
  if (part === "command_line") return `${lower(subject)} ${clip(value)}`;
  if (part === "flag" || part === "key_database" || part === "variable" || part === "authority") {
    return value === null ? subject : `${subject}: ${clip(value)}`;
  }
  return lower(subject);
}

const fileOf = ({ subject }: Described) => subject.replace(/^Program /, "");
const signerOf = ({ subject, value }: Described) => value ?? subject;

/** Our own words start small inside a sentence; names stay as they are. */
function lower(subject: string): string {
  return /^(?:Command|Kernel|Program|Driver|Firmware|Partition|Tables|Separator|Action)\b/.test(subject)
    ? `${subject.charAt(0).toLowerCase()}${subject.slice(1)}`
    : subject;
}

function clip(text: string | null): string {
  const shown = text ?? "unknown";
  return shown.length <= MAX_VALUE_CHARS ? shown : `${shown.slice(0, MAX_VALUE_CHARS).toWellFormed()}…`;
}
