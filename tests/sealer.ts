/** A sealer for tests, benchmarks and proofs. */
import { randomBytes } from "node:crypto";
import { createSealer, MASTER_KEY_BYTES, type Sealer } from "#db/sealing";

/** Seals with a master key that nobody keeps. */
export function testSealer(): Sealer {
  const key = { version: 1, bytes: randomBytes(MASTER_KEY_BYTES) };
  return createSealer({ read: () => [key], make: () => key });
}
