import fc from "fast-check";
import { expect, it } from "vitest";
import { linesOf } from "./ndjson.ts";

const streamOf = (chunks: readonly Uint8Array[], onCancel?: () => void) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      if (!onCancel) controller.close();
    },
    ...(onCancel ? { cancel: onCancel } : {}),
  });

it("Gives every value once and in order, wherever the bytes are cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ n: fc.integer(), text: fc.string({ unit: "grapheme" }) }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 7 }),
      fc.boolean(),
      async (values, size, ended) => {
        const text = values.map((value) => JSON.stringify(value)).join("\n") + (ended ? "\n" : "");
        const bytes = new TextEncoder().encode(text);
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
          bytes.slice(i * size, (i + 1) * size),
        );
        const read: unknown[] = [];
        for await (const value of linesOf(streamOf(chunks))) read.push(value);
        expect(read).toEqual(values);
      },
    ),
  );
});

it("Leaves the answer when nobody reads on", async () => {
  let left = false;
  const body = streamOf([new TextEncoder().encode("1\n2\n")], () => {
    left = true;
  });
  for await (const value of linesOf(body)) {
    expect(value).toBe(1);
    break;
  }
  expect(left).toBe(true);
});
