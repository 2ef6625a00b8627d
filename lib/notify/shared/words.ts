/** Messages in words, for channels that people read. Plain text: what is markup over there is the channel's matter. */
import type { Message, Verb } from "#lib/notify/contract";

/** Lines of events that a message shows; the others are counted. */
const SHOWN = 10;

const VERB_WORDS: Record<Verb, string> = {
  trigger: "",
  acknowledge: "Acknowledged: ",
  resolve: "Resolved: ",
  test: "Test: ",
};

export function titleOf({ verb, title }: Message): string {
  return `${VERB_WORDS[verb]}${title}`;
}

/** One line for each event, who did what, and how many more there are. */
export function linesOf(message: Message): string[] {
  const { events, by, comment, verb } = message;
  const lines = events
    .slice(0, SHOWN)
    .map(({ at, title, summary }) => `${at} ${title}${summary === "" ? "" : ` — ${summary}`}`);
  if (events.length > SHOWN) lines.push(`and ${events.length - SHOWN} more`);
  if (by !== null) lines.push(`${verb === "resolve" ? "Resolved" : "Acknowledged"} by ${by}`);
  if (comment) lines.push(comment);
  return lines;
}

export function cut(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1).toWellFormed()}…` : text;
}
