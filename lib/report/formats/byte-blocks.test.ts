import fc from "fast-check";
import { expect, it } from "vitest";
import { ByteBlocks } from "./byte-blocks.ts";

it("gives back what was added, in its order, whatever the sizes", () => {
  const sizes = fc.array(fc.oneof(fc.nat(40), fc.integer({ min: 65_000, max: 66_500 }), fc.nat(200_000)), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(sizes, (lengths) => {
      const pieces = lengths.map((length, at) => Buffer.alloc(length, at + 1));
      const blocks = new ByteBlocks();
      for (const piece of pieces) blocks.add(piece);
      expect(blocks.all().equals(Buffer.concat(pieces))).toBe(true);
    }),
  );
});
