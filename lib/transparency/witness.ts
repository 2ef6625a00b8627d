/** A witness: remembers the last checkpoint of each log that it knows, and cosigns what only adds to it. */
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { fromBase64, toBase64 } from "#lib/domain/merkle/bytes";
import {
  cosignatureOf,
  cosignedMessage,
  formatVkey,
  parseVkey,
  SIGNATURE_TYPE,
  signatureLine,
  type VerifierKey,
  verifierKey,
} from "#lib/domain/merkle/note";
import { judgeCheckpoint, parseAddCheckpoint, type Seen } from "#lib/domain/merkle/witness";
import { makeEd25519, sha256, signEd25519, verifyEd25519 } from "./crypto.ts";

/** `privateKey` is PKCS #8 in base64; `logs` by origin. The file is the witness: keep it, mode 0600. */
type WitnessState = {
  vkey: string;
  privateKey: string;
  logs: Record<string, { size: number; root: string; note: string }>;
};

const HASH_BYTES = 32;

export type WitnessReply = { status: number; contentType: string; body: string };

/** One witness per state file and process; requests are answered one after the other, so that none overtakes. */
export class Witness {
  readonly #path: string;
  readonly #state: WitnessState;
  readonly #known: readonly VerifierKey[];
  readonly #now: () => Date;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(path: string, state: WitnessState, known: readonly VerifierKey[], now: () => Date) {
    this.#path = path;
    this.#state = state;
    this.#known = known;
    this.#now = now;
  }

  /**
   * Open the state file; it is made, with a key of its own, when there is none.
   *
   * @param name of the witness, for a new file
   * @param vkeys of the logs to cosign
   * @throws when the file is damaged: a witness that forgets would cosign a rewritten log
   */
  static async open(path: string, options: { name: string; vkeys: readonly string[]; now: () => Date }) {
    const known = options.vkeys.map((text) => parseVkey(sha256, text));
    if (known.some((key) => key === null)) throw new Error("A key of a log is no vkey");
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    const state = text === null ? newState(options.name) : stateOf(text, path);
    const keys = known.filter((key) => key !== null);
    const witness = new Witness(path, state, keys, options.now);
    if (text === null) await witness.#save();
    return witness;
  }

  /** The key that its cosignatures are checked with. */
  get vkey(): string {
    return this.#state.vkey;
  }

  /** Size of the last checkpoint that was cosigned; 0 = none. */
  sizeOf(origin: string): number {
    return this.#state.logs[origin]?.size ?? 0;
  }

  /** Answer `add-checkpoint`. */
  add(body: string): Promise<WitnessReply> {
    const answer = this.#turn.then(() => this.#add(body));
    this.#turn = answer.catch(() => {});
    return answer;
  }

  async #add(body: string): Promise<WitnessReply> {
    const asked = parseAddCheckpoint(body);
    if (!asked) return plain(400, "this is no add-checkpoint request\n");
    const { checkpoint, note } = asked;
    const { origin, size } = checkpoint;
    const keys = this.#known.filter(({ name }) => name === origin);
    const seen = this.#seen(origin);
    const answer = judgeCheckpoint(sha256, verifyEd25519, {
      asked,
      keys: keys.length > 0 ? keys : null,
      seen,
    });
    if (answer.status === 409) {
      return { status: 409, contentType: "text/x.tlog.size", body: `${seen?.size ?? 0}\n` };
    }
    if (answer.status !== 200) return plain(answer.status, `${answer.detail}\n`);
    const line = this.#cosign(note.text);
    this.#state.logs[origin] = { size, root: toBase64(checkpoint.root), note: note.text };
    // Remembered before it is told: a crash in between costs a cosignature, never the memory.
    await this.#save();
    return plain(200, line);
  }

  #seen(origin: string): Seen {
    const log = this.#state.logs[origin];
    const root = log && fromBase64(log.root);
    return log && root ? { size: log.size, root } : null;
  }

  #cosign(text: string): string {
    const key = parseVkey(sha256, this.#state.vkey);
    if (!key) throw new Error("The witness's own key is damaged");
    const atSeconds = Math.floor(this.#now().getTime() / 1_000);
    const privateKey = Buffer.from(this.#state.privateKey, "base64");
    const signature = signEd25519(privateKey, cosignedMessage(text, atSeconds));
    return signatureLine({ name: key.name, id: key.id, signature: cosignatureOf(atSeconds, signature) });
  }

  /** Written beside and moved into place, so that there is never half a memory. */
  async #save(): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    const draft = `${this.#path}.new`;
    const file = await open(draft, "w", 0o600);
    try {
      await file.writeFile(`${JSON.stringify(this.#state, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, this.#path);
  }
}

const plain = (status: number, body: string): WitnessReply => ({
  status,
  contentType: "text/plain; charset=utf-8",
  body,
});

function newState(name: string): WitnessState {
  const { publicKey, privateKey } = makeEd25519();
  const key = verifierKey(sha256, { name, type: SIGNATURE_TYPE.cosignature, publicKey });
  return { vkey: formatVkey(key), privateKey: privateKey.toString("base64"), logs: Object.create(null) };
}

function stateOf(text: string, path: string): WitnessState {
  const damaged = new Error(`${path} is damaged; a witness that forgets would cosign a rewritten log`);
  let state: Partial<WitnessState> | null;
  try {
    state = JSON.parse(text);
  } catch (cause) {
    throw new Error(damaged.message, { cause });
  }
  const { vkey, privateKey, logs } = state ?? {};
  if (typeof vkey !== "string" || typeof privateKey !== "string" || typeof logs !== "object") throw damaged;
  const sound = Object.values(logs).every(
    ({ size, root }) => Number.isSafeInteger(size) && fromBase64(root)?.length === HASH_BYTES,
  );
  if (!sound) throw damaged;
  return { vkey, privateKey, logs: Object.assign(Object.create(null), logs) };
}
