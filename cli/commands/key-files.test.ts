import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readKeyFiles } from "./key-files.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "touchstone-keys-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const fileOf = (name: string, text: string) => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};

describe("files with keys", () => {
  it("give their secrets without the end of the last line, and nothing else changed", async () => {
    const secretFile = ["whsec_AAAA\n", "text\r\n", " kept \n\n"].map((text, n) => fileOf(`s${n}`, text));
    expect(await readKeyFiles({ secretFile })).toEqual({ secrets: ["whsec_AAAA", "text", " kept \n"] });
  });

  it("may hold a JWK set or one JWK, and may be left out", async () => {
    const key = { kty: "OKP" };
    const set = { jwks: { keys: [key] } };
    expect(await readKeyFiles({ jwks: fileOf("set", JSON.stringify({ keys: [key] })) })).toEqual(set);
    expect(await readKeyFiles({ jwks: fileOf("one", JSON.stringify(key)) })).toEqual(set);
    expect(await readKeyFiles({})).toEqual({});
  });

  it("that cannot be read are named", async () => {
    await expect(readKeyFiles({ secretFile: [join(dir, "missing")] })).rejects.toThrow(
      /secret from .*missing/,
    );
    await expect(readKeyFiles({ jwks: fileOf("none", '{"keys":1}') })).rejects.toThrow(/no JWK set/);
    const mistaken = readKeyFiles({ jwks: fileOf("mistaken", "tskey-webhook-abc") });
    await expect(mistaken).rejects.toThrow(/no JSON$/);
  });
});
