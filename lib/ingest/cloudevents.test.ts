import { CloudEvent, HTTP } from "cloudevents";
import { describe, expect, it } from "vitest";
import { ProblemError } from "#lib/domain/problems";
import { readEvents } from "./cloudevents.ts";

/** The reference implementation writes; we read. */
const reference = new CloudEvent({
  id: "a/1",
  source: "/verifiers/lab",
  type: "dev.touchstone.attestation.verdict.v1",
  subject: "nöde 1",
  time: "2026-03-01T12:00:00+02:00",
  datacontenttype: "application/json",
  data: { b: 1, a: "ü" },
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
});

type Message = { headers: Record<string, unknown>; body: unknown };

function read(message: Message) {
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  const body = typeof message.body === "string" ? message.body : JSON.stringify(message.body);
  return readEvents(headers, Buffer.from(body));
}

const events = (message: Message) =>
  read(message).slots.map((slot) => {
    if ("problem" in slot) throw slot.problem;
    const { document, ...event } = slot.event;
    const data: unknown = JSON.parse(Buffer.from(event.data).toString());
    // What was read already is what reading the bytes gives.
    if (document !== undefined) expect(document).toEqual(data);
    return { ...event, data };
  });

const expected = {
  id: "a/1",
  source: "/verifiers/lab",
  type: "dev.touchstone.attestation.verdict.v1",
  subject: "nöde 1",
  mediaType: "application/json",
  data: { a: "ü", b: 1 },
};

describe("CloudEvents as the reference SDK sends them", () => {
  it("reads structured mode", () => {
    expect(events(HTTP.structured(reference))).toEqual([expected]);
  });

  it("reads binary mode, percent-encoded headers included", () => {
    const message = HTTP.binary(reference);
    const headers = { ...message.headers, "ce-subject": encodeURIComponent("nöde 1") };
    expect(events({ ...message, headers })).toEqual([expected]);
  });

  it("reads batch mode", () => {
    const body = JSON.stringify([reference, reference.cloneWith({ id: "a/2" })]);
    const batch = { headers: { "content-type": "application/cloudevents-batch+json" }, body };
    expect(events(batch).map(({ id }) => id)).toEqual(["a/1", "a/2"]);
  });
});

describe("the data of an event", () => {
  const structured = (attributes: object) => ({
    headers: { "content-type": "application/cloudevents+json; charset=utf-8" },
    body: { specversion: "1.0", id: "1", source: "s", type: "t", ...attributes },
  });
  const bytes = (attributes: object) => {
    const [slot] = read(structured(attributes)).slots;
    return slot && "event" in slot ? Buffer.from(slot.event.data).toString() : slot;
  };

  it("is the same bytes whatever the order of its members", () => {
    expect(bytes({ data: { b: 1, a: 2 } })).toBe(bytes({ data: { a: 2, b: 1 } }));
  });

  it("is the text itself for a token, and decoded for base64", () => {
    expect(bytes({ datacontenttype: "application/eat+jwt", data: "a.b.c" })).toBe("a.b.c");
    expect(bytes({ datacontenttype: "application/eat+jwt", data_base64: "YS5iLmM=" })).toBe("a.b.c");
  });
});

describe("what is no CloudEvent", () => {
  it("spoils its own slot of a batch and no other", () => {
    const good = { specversion: "1.0", id: "1", source: "s", type: "t", data: {} };
    const batch = {
      headers: { "content-type": "application/cloudevents-batch+json" },
      body: [good, { ...good, id: "" }, 7, good],
    };
    const { slots, single } = read(batch);
    expect(single).toBe(false);
    expect(slots.map((slot) => ("problem" in slot ? slot.problem.code : "ok"))).toEqual([
      "ok",
      "event/invalid",
      "event/invalid",
      "ok",
    ]);
  });

  it("is refused by its content type", () => {
    expect(() => read({ headers: { "content-type": "text/plain" }, body: "x" })).toThrow(ProblemError);
  });
});
