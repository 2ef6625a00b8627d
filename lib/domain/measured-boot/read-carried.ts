/** From a carried log to a log that can be shown, or to the reason why it cannot. */
import { bytesOfBase64, utf8Text } from "./bytes.ts";
import type { CarriedLog } from "./carried-logs.ts";
import { type EventLog, MAX_LOG_BYTES, parseEventLog } from "./event-log.ts";
import { type ImaEntry, MAX_IMA_CHARS, parseImaLog } from "./ima-log.ts";
import { type LogProblem, type Read, unreadable } from "./log-problem.ts";
import type { RegisterKind } from "./registers.ts";
import { readStatedLog } from "./stated-log.ts";

export type ReadLog = { pointer: string } & (
  | { form: "tcg"; kind: RegisterKind; log: EventLog }
  | { form: "ima"; log: ImaEntry[] }
  | { form: "unreadable"; of: "tcg" | "ima"; problem: LogProblem }
);

export function readCarriedLog({ pointer, content }: CarriedLog): ReadLog {
  if (content.form === "ima") {
    const read = parseImaLog(imaText(content.text));
    return read.ok
      ? { pointer, form: "ima", log: read.log }
      : { pointer, form: "unreadable", of: "ima", problem: read.problem };
  }
  const read = content.form === "tcg" ? readBase64(content.base64) : readStatedLog(content.events);
  return read.ok
    ? { pointer, form: "tcg", kind: content.kind, log: read.log }
    : { pointer, form: "unreadable", of: "tcg", problem: read.problem };
}

function readBase64(text: string): Read<EventLog> {
  if (text.length > MAX_LOG_BYTES * 1.5)
    return unreadable("too-large", `${text.length} characters of base64`);
  const bytes = bytesOfBase64(text);
  return bytes === null ? unreadable("not-a-log", "no base64") : parseEventLog(bytes);
}

/** Some senders put the text in base64: it then has no space, which every line of a log has. */
function imaText(text: string): string {
  if (text.length > MAX_IMA_CHARS || /[ \t]/.test(text.slice(0, 100))) return text;
  const bytes = bytesOfBase64(text);
  return bytes === null ? text : utf8Text(bytes);
}
