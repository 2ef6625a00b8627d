"use client";

import { useRef, useState } from "react";
import type { PrepareKeysBody } from "#lib/contracts/source";
import { leavesAlgorithmOpen, type PastedKeys, readKeys } from "./read-keys.ts";

const NO_KEYS: PastedKeys = { keys: [], certificates: 0 };

export type KeyInput = {
  read: PastedKeys;
  problem: string | null;
  asksAlgorithm: boolean;
  rsaAlgorithm: string;
  chooseAlgorithm: (algorithm: string) => void;
  secret: string;
  typeSecret: (secret: string) => void;
  take: (text: string) => Promise<PastedKeys>;
  /** What to send; `null` while something is wrong or missing, which then shows. */
  collect: () => Promise<PrepareKeysBody | null>;
};

/** Public keys and a secret as they are typed in, until they are sent. */
export function useKeyInput(): KeyInput {
  const [read, setRead] = useState<PastedKeys>(NO_KEYS);
  const [rsaAlgorithm, chooseAlgorithm] = useState("");
  const [secret, typeSecret] = useState("");
  const pasted = useRef("");

  async function take(text: string): Promise<PastedKeys> {
    pasted.current = text;
    const found = await readKeys(text);
    // Reading takes a moment; what was typed since then counts.
    if (pasted.current === text) setRead(found);
    return found;
  }

  async function collect(): Promise<PrepareKeysBody | null> {
    const found = await take(pasted.current);
    if ("problem" in found) return null;
    if (found.keys.some(leavesAlgorithmOpen) && rsaAlgorithm === "") return null;
    const keys = found.keys.map((key) => (leavesAlgorithmOpen(key) ? { ...key, alg: rsaAlgorithm } : key));
    return { ...(keys.length > 0 && { jwks: { keys } }), ...(secret !== "" && { secrets: [secret.trim()] }) };
  }

  return {
    read,
    problem: "problem" in read ? read.problem : null,
    asksAlgorithm: "keys" in read && read.keys.some(leavesAlgorithmOpen),
    rsaAlgorithm,
    chooseAlgorithm,
    secret,
    typeSecret,
    take,
    collect,
  };
}
