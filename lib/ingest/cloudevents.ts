/** CloudEvents 1.0 over HTTP: binary, structured and batch mode on one URL, told apart by content type. */
import { z } from "zod";
import { ProblemError } from "#lib/domain/problems";
import { JsonError, parseJson } from "#lib/sources/shared/json";
import { canonicalText } from "./canonical.ts";
import { MAX_BATCH_STRINGS, MAX_EVENTS } from "./limits.ts";

/** One event with its data as bytes. */
export type CloudEvent = {
  id: string;
  source: string;
  type: string;
  subject: string | null;
  /** Media type of `data`, lower case, without parameters. */
  mediaType: string;
  data: Uint8Array;
  /** What `data` says when that has been read already; `undefined` = it has not. */
  document: unknown;
};

/** One slot of a request: an event, or why it could not be read. `raw` makes the bytes that stand in the slot. */
export type Slot = { index: number; id: string | null; raw: () => Uint8Array } & (
  | { event: CloudEvent }
  | { problem: ProblemError }
);

export type EventHeaders = Readonly<Record<string, string | undefined>>;

/** The attributes that this product reads. Extension attributes are allowed and ignored. */
const AttributesSchema = z.looseObject({
  specversion: z.literal("1.0"),
  id: z.string().min(1).max(256),
  source: z.string().min(1).max(1024),
  type: z.string().min(1).max(256),
  subject: z.string().min(1).max(1024).optional(),
  time: z.iso.datetime({ offset: true }).optional(),
  datacontenttype: z.string().max(256).optional(),
  data: z.unknown().optional(),
  data_base64: z.base64().optional(),
});
const Attributes = z.compile(AttributesSchema);

/** Whether the request carries one event, whose refusal is then the answer itself. */
export type ReadEvents = { single: boolean; slots: Slot[] };

/**
 * Split a request into its events.
 *
 * @throws {ProblemError} when the envelope itself cannot be read; a bad event inside a good batch
 *   only spoils its own slot
 */
export function readEvents(headers: EventHeaders, body: Buffer): ReadEvents {
  const contentType = mediaTypeOf(headers["content-type"]);
  switch (contentType) {
    case "application/cloudevents-batch+json":
      return { single: false, slots: readBatch(body) };
    case "application/cloudevents+json":
      return { single: true, slots: [slotOf(parseEnvelope(body), 0, body)] };
    default:
      if (headers["ce-specversion"] !== undefined)
        return { single: true, slots: [readBinary(headers, contentType, body)] };
      throw new ProblemError(
        "request/unsupported-media-type",
        "Send application/cloudevents+json, application/cloudevents-batch+json, or ce-* headers.",
      );
  }
}

/** Media type without parameters, lower case; `application/json` when absent. */
export function mediaTypeOf(contentType: string | undefined): string {
  return contentType?.split(";")[0]?.trim().toLowerCase() || "application/json";
}

function parseEnvelope(body: Buffer): unknown {
  try {
    return parseJson(body, { maxStrings: MAX_BATCH_STRINGS });
  } catch (error) {
    if (error instanceof JsonError)
      throw new ProblemError("request/malformed", `Not acceptable JSON: ${error.message}.`, { cause: error });
    throw error;
  }
}

function readBatch(body: Buffer): Slot[] {
  const batch = parseEnvelope(body);
  if (!Array.isArray(batch))
    throw new ProblemError("request/malformed", "A batch is a JSON array of events.");
  if (batch.length > MAX_EVENTS)
    throw new ProblemError("batch/too-many", `At most ${MAX_EVENTS} events fit into one batch.`);
  return batch.map((element, index) => slotOf(element, index, null));
}

function slotOf(element: unknown, index: number, body: Buffer | null): Slot {
  // Only a refused slot is asked for its bytes; making them for all would double the work.
  const raw = () => body ?? jsonBytes(element);
  const parsed = Attributes.safeParse(element);
  if (!parsed.success) {
    const id =
      typeof element === "object" && element !== null && "id" in element && typeof element.id === "string"
        ? element.id
        : null;
    const pointers = parsed.error.issues.map(({ path, message }) => ({
      pointer: `#/${path.join("/")}`,
      detail: message,
    }));
    return {
      index,
      id,
      raw,
      problem: new ProblemError("event/invalid", "Not a CloudEvents 1.0 event.", { pointers }),
    };
  }
  const { id, source, type, subject, datacontenttype, data, data_base64 } = parsed.data;
  const mediaType = mediaTypeOf(datacontenttype);
  const read =
    data_base64 === undefined ? readData(data, mediaType) : dataOf(Buffer.from(data_base64, "base64"));
  return { index, id, raw, event: { id, source, type, subject: subject ?? null, mediaType, ...read } };
}

/** Data of a JSON media type is re-serialised canonically (RFC 8785); any other data is text. */
function readData(data: unknown, mediaType: string): Data {
  if (typeof data === "string" && !/[/+]json$/.test(mediaType)) return dataOf(Buffer.from(data, "utf8"));
  return data === undefined ? dataOf(new Uint8Array()) : { data: jsonBytes(data), document: data };
}

type Data = Pick<CloudEvent, "data" | "document">;
const dataOf = (data: Uint8Array): Data => ({ data, document: undefined });

function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(canonicalText(value), "utf8");
}

/** Attributes stand in `ce-` headers, percent-encoded; the body is the data (HTTP binding §3.1.3). */
function readBinary(headers: EventHeaders, mediaType: string, body: Buffer): Slot {
  const attribute = (name: string) => {
    const value = headers[`ce-${name}`];
    if (value === undefined) return {};
    try {
      return { [name]: decodeURIComponent(value) };
    } catch {
      return { [name]: value };
    }
  };
  const element = Object.assign(
    {},
    ...["specversion", "id", "source", "type", "subject", "time"].map(attribute),
  );
  const slot = slotOf(element, 0, body);
  return "event" in slot ? { ...slot, event: { ...slot.event, mediaType, ...dataOf(body) } } : slot;
}
