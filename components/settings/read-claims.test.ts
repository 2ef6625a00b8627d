import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { claimsOf } from "./read-claims.ts";

describe("claims as they are typed", () => {
  it("come out as they went in, whatever the texts hold", () => {
    const name = fc.stringMatching(/^[a-z_]{1,6}$/);
    const value = fc.stringMatching(/^[a-z=:/ ]{1,8}$/).filter((text) => text.trim() === text && text !== "");
    fc.assert(
      fc.property(fc.dictionary(name, value), (claims) => {
        const lines = Object.entries(claims).map(([key, text]) => ` ${key} = ${text}`);
        expect(claimsOf(`\n${lines.join("\n\n")}\n`)).toEqual({ ...claims });
      }),
    );
  });

  it.each(["a", "=b", "a=", "a=1\na=2"])("are none when a line is %j", (text) => {
    expect(claimsOf(text)).toBeNull();
  });
});
