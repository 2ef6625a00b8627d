/** Parcels on disk between being signed and being stored, so that an interrupted load ends up complete. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Parcel } from "./envelope.ts";

/**
 * A signature over the same claims comes out different every time, so a verdict that was sent but
 * not acknowledged must be sent again as it was, or it would count twice. Each lane has at most one
 * parcel under way; its file is named after its number.
 */
export class Outbox {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async open(): Promise<void> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
  }

  /** What was under way in a lane when the last run ended; `null` when nothing was. */
  async pending(lane: string): Promise<{ number: number; parcel: Parcel } | null> {
    for (const name of await readdir(this.#dir)) {
      const number = name.startsWith(`${lane}.`) ? Number(name.slice(lane.length + 1)) : Number.NaN;
      if (!Number.isInteger(number)) continue;
      const stored = JSON.parse(await readFile(join(this.#dir, name), "utf8"));
      return { number, parcel: { ...stored, body: Buffer.from(stored.body, "base64") } };
    }
    return null;
  }

  async keep(lane: string, number: number, parcel: Parcel): Promise<void> {
    const path = join(this.#dir, `${lane}.${number}`);
    const text = JSON.stringify({ ...parcel, body: parcel.body.toString("base64") });
    await writeFile(`${path}.tmp`, text, { mode: 0o600 });
    await rename(`${path}.tmp`, path);
  }

  /** The parcel is stored for good: note it, then forget its bytes. */
  async complete(lane: string, number: number): Promise<void> {
    const path = join(this.#dir, `${lane}-done`);
    await writeFile(`${path}.tmp`, String(number + 1), { mode: 0o600 });
    await rename(`${path}.tmp`, path);
    await rm(join(this.#dir, `${lane}.${number}`), { force: true });
  }

  /** How many parcels of a lane are stored. */
  async done(lane: string): Promise<number> {
    const text = await readFile(join(this.#dir, `${lane}-done`), "utf8").catch(() => "0");
    return Number(text) || 0;
  }
}
