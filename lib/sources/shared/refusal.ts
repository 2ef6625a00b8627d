/** How a source refuses a message. */
import type { ProblemCode } from "#lib/domain/problems";
import type { Interpretation, Rejection, RejectionCategory } from "#lib/sources/contract";
import { JsonError, type JsonOptions, parseJson } from "./json.ts";
import { clip } from "./text.ts";

/** Problem that stands for a category when no finer one is known. */
const CODE_OF_CATEGORY = {
  signature: "event/signature",
  algorithm: "event/algorithm",
  malformed: "event/malformed",
  claims: "event/claims",
  expired: "event/expired",
  key: "event/key",
  replay: "event/replay",
} as const satisfies Record<RejectionCategory, ProblemCode>;

/** Thrown inside a source to refuse what it is reading; never leaves `interpret`. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly category: RejectionCategory;
  readonly code: ProblemCode;

  /** @param detail shown to the operator and the sender; cut to 500 characters */
  constructor(category: RejectionCategory, detail: string, code: ProblemCode = CODE_OF_CATEGORY[category]) {
    super(clip(detail, 500));
    this.category = category;
    this.code = code;
  }
}

/** The refusal as the contract wants it, with the bytes that it is about. */
export function rejectionOf(refusal: Refusal, raw: Uint8Array): Rejection {
  return { category: refusal.category, code: refusal.code, detail: refusal.message, raw };
}

/**
 * Run a reader; a refusal refuses the whole message. Any other error is a defect and is passed on.
 */
export async function readOrRefuse(
  raw: Uint8Array,
  read: () => Promise<Interpretation> | Interpretation,
): Promise<Interpretation> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { items: [], rejections: [rejectionOf(error, raw)] };
  }
}

/** {@link parseJson}, refusing the message as malformed. `what` names the part that is read. */
export function readJson(input: Uint8Array | string, what: string, options?: JsonOptions): unknown {
  try {
    return parseJson(input, options);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new Refusal("malformed", `${what} is not acceptable JSON: ${error.message}`);
  }
}

/** Largest single event, in bytes. */
const MAX_EVENT_BYTES = 1_048_576;

/** @throws {Refusal} when the body is empty or larger than `limit` bytes */
export function requireSize(body: Uint8Array, limit = MAX_EVENT_BYTES): void {
  if (body.byteLength === 0) throw new Refusal("malformed", "the message is empty");
  if (body.byteLength > limit) {
    throw new Refusal("malformed", `the message is larger than ${limit} bytes`, "event/too-large");
  }
}
