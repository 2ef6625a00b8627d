/** What a check says of a part of a pack. */

/** `not_proven` is no failure: the pack says it, and nothing in it shows it. */
export type Standing = "proven" | "failed" | "not_proven";

/** `part` is a file of the pack, or what the finding is about; `text` is a sentence. */
export type Finding = { part: string; standing: Standing; text: string };

export const proven = (part: string, text: string): Finding => ({ part, standing: "proven", text });
export const failed = (part: string, text: string): Finding => ({ part, standing: "failed", text });
export const notProven = (part: string, text: string): Finding => ({ part, standing: "not_proven", text });

export const hasFailed = (findings: readonly Finding[]): boolean =>
  findings.some(({ standing }) => standing === "failed");

/** Things as people count them. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
