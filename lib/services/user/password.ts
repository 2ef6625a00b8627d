/** Password digests: argon2id from node:crypto, stored in the PHC string format. */
import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { ProblemError } from "#lib/domain/problems";

/** OWASP's second parameter set: 19 MiB, two passes, one lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const TAG_BYTES = 32;
const SALT_BYTES = 16;
/** Each digest takes 19 MiB and tens of milliseconds of a thread: more at once would starve the rest. */
const CONCURRENT = 2;
const WAITING_MAX = 64;

let running = 0;
const waiting: (() => void)[] = [];

async function slot<T>(work: () => Promise<T>): Promise<T> {
  if (running >= CONCURRENT) {
    if (waiting.length >= WAITING_MAX)
      throw new ProblemError("rate/limited", "Too many sign-ins at once. Try again.");
    await new Promise<void>((go) => waiting.push(go));
  } else {
    running += 1;
  }
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

function derive(
  password: string,
  salt: Buffer,
  cost: { memory: number; passes: number; parallelism: number },
) {
  const message = Buffer.from(password.normalize("NFKC"), "utf8");
  return slot(
    () =>
      new Promise<Buffer>((resolve, reject) => {
        argon2("argon2id", { message, nonce: salt, tagLength: TAG_BYTES, ...cost }, (error, tag) =>
          error ? reject(error) : resolve(Buffer.from(tag)),
        );
      }),
  );
}

/** Digest of a password with a fresh salt, as a PHC string. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const tag = await derive(password, salt, COST);
  const { memory, passes, parallelism } = COST;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;
/** Digest that no password has; what is checked when there is no such user, so that it takes as long. */
const NOBODY = `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$AAAAAAAAAAAAAAAAAAAAAA$${"A".repeat(43)}`;

/**
 * Whether a password has this digest.
 *
 * @param stored `null` when there is no such user: the same work is done and the answer is no
 */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const [, memory, passes, parallelism, salt = "", tag = ""] = PHC.exec(stored ?? NOBODY) ?? [];
  if (!memory) throw new Error("A stored password digest is not an argon2id string");
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  const actual = await derive(password, Buffer.from(salt, "base64"), cost);
  const expected = Buffer.from(tag, "base64");
  return expected.length === actual.length && timingSafeEqual(actual, expected) && stored !== null;
}

/** A password that people can copy by hand: 24 characters without look-alikes, over 115 bits. */
export function oneTimePassword(): string {
  const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
  const characters: string[] = [];
  while (characters.length < 24) {
    for (const byte of randomBytes(32)) {
      // Only whole multiples of the alphabet, so that every character is equally likely.
      if (byte < 248 && characters.length < 24) characters.push(alphabet.charAt(byte % 31));
    }
  }
  return characters.join("").replace(/(.{6})(?=.)/g, "$1-");
}

function unpadded(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
