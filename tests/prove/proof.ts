/** What a long proof is: seeded, counted, and with a bug that it must catch. */

export type ProofOptions = {
  /** Few cases, for `npm test`; the full number otherwise. */
  short: boolean;
  /** Plant the proof's own bug; then it must report failures. */
  planted: boolean;
  seed: number;
  log: (line: string) => void;
};

/** A proof that ran no case has failed, whatever it found. */
export type ProofResult = { cases: number; failed: number };

export type Proof = (options: ProofOptions) => Promise<ProofResult>;
