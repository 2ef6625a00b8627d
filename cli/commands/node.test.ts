import { describe, expect, it } from "vitest";
import { readExpected } from "./expected-lines.ts";
import { readLines } from "./import-lines.ts";

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
const read = (...lines: string[]) => readExpected(readLines(bytes(lines.join("\n"))));
const good = JSON.stringify({ name: "r1", identities: [{ kind: "serial", value: "s1" }] });

describe("an inventory of expected nodes", () => {
  it("is read line by line; a bad line is named and does not stop the others", async () => {
    const { nodes, refused } = await read(good, "{", '{"name":"x"}', "", good);
    expect(nodes).toHaveLength(2);
    expect(nodes[0]).toEqual({ name: "r1", identities: [{ kind: "serial", value: "s1" }] });
    expect(refused.map(({ line }) => line)).toEqual([2, 3]);
    expect(refused[1]?.detail).toContain("identities");
  });

  it("refuses members that it does not know: a misspelt one must not pass unnoticed", async () => {
    const { refused } = await read(
      '{"name":"x","identities":[{"kind":"serial","value":"s"}],"expectedby":"now"}',
    );
    expect(refused).toHaveLength(1);
  });
});
