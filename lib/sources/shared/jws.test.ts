import { beforeAll, describe, expect, it } from "vitest";
import { newSigningKey, type SigningKey, sign } from "#tests/source-testing";
import { verifyJws } from "./jws.ts";
import { Refusal } from "./refusal.ts";

let a: SigningKey;
let b: SigningKey;
let p384: SigningKey;

beforeAll(async () => {
  a = await newSigningKey("a");
  b = await newSigningKey("b");
  p384 = await newSigningKey("c", "ES384");
});

const bytes = (text: string) => new TextEncoder().encode(text);
const segment = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Category of the refusal, or the kid of the key that verified. */
async function outcome(token: string, keys: SigningKey[]): Promise<string> {
  try {
    return (
      await verifyJws(
        bytes(token),
        keys.map(({ pinned }) => pinned),
      )
    ).signature.kid;
  } catch (error) {
    if (error instanceof Refusal) return error.category;
    throw error;
  }
}

describe("verifyJws", () => {
  it("hands over exactly the signed payload and the bare token", async () => {
    const token = await sign(a, { x: 1 });
    const verified = await verifyJws(bytes(` \r\n${token}\n`), [a.pinned]);
    expect(new TextDecoder().decode(verified.payload)).toBe('{"x":1}');
    expect(new TextDecoder().decode(verified.raw)).toBe(token);
    expect(verified.signature).toEqual({ status: "verified", kid: "a", alg: "ES256" });
  });

  it("refuses a token when no key is registered, even one that carries its own", async () => {
    const token = await sign(a, {}, { jwk: a.jwk });
    expect(await outcome(token, [])).toBe("key");
    expect(await outcome(token, [b])).toBe("signature");
  });

  it("refuses unsigned and shared-secret tokens by algorithm, with and without keys", async () => {
    for (const alg of ["none", "None", "HS256", "hs512"]) {
      const token = `${segment({ alg })}.${segment({})}.`;
      expect(await outcome(token, [])).toBe("algorithm");
      expect(await outcome(token, [a])).toBe("algorithm");
    }
  });

  it("refuses an algorithm that no registered key has", async () => {
    expect(await outcome(await sign(p384, {}), [a])).toBe("algorithm");
    const relabelled = `${segment({ alg: "ES384" })}.${segment({})}.AAAA`;
    expect(await outcome(relabelled, [a])).toBe("algorithm");
  });

  it("lets a known key id pick the key, and tries all keys otherwise", async () => {
    expect(await outcome(await sign(a, {}, { kid: "b" }), [a, b])).toBe("signature");
    expect(await outcome(await sign(a, {}, { kid: "unknown" }), [b, a])).toBe("a");
    expect(await outcome(await sign(a, {}), [b, a])).toBe("a");
    expect(await outcome(await sign(a, {}, { kid: "c" }), [a, p384])).toBe("algorithm");
  });

  it("tries at most eight keys", async () => {
    const token = await sign(a, {});
    expect(await outcome(token, [...Array(7).fill(b), a])).toBe("a");
    expect(await outcome(token, [...Array(8).fill(b), a])).toBe("signature");
  });

  it.each([
    ["four parts", (token: string) => `${token}.rubbish`],
    ["two parts", (token: string) => token.slice(0, token.lastIndexOf("."))],
    ["an empty payload", (token: string) => token.replace(/\.[^.]*\./, "..")],
    ["padding", (token: string) => `${token}==`],
    ["white space inside", (token: string) => token.replace(".", " .")],
    ["a byte order mark", (token: string) => `\ufeff${token}`],
    ["nothing at all", () => " \n"],
  ])("refuses %s as malformed", async (_, spoil) => {
    expect(await outcome(spoil(await sign(a, { x: 1 })), [a])).toBe("malformed");
  });

  it("refuses a second spelling of the same signature", async () => {
    // 86 characters carry 64 bytes and four unused bits.
    const token = await sign(a, {});
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const respelt = `${token.slice(0, -1)}${alphabet[alphabet.indexOf(token.at(-1) ?? "") + 1]}`;
    expect(Buffer.from(respelt.split(".")[2] ?? "", "base64url")).toEqual(
      Buffer.from(token.split(".")[2] ?? "", "base64url"),
    );
    expect(await outcome(respelt, [a])).toBe("malformed");
  });

  it.each([
    ["critical extensions", { alg: "ES256", crit: ["exp"], exp: 1 }],
    ["an unencoded payload", { alg: "ES256", b64: false }],
    ["no algorithm", { typ: "JWT" }],
    ["an algorithm that is no text", { alg: 7 }],
    ["a key id that is no text", { alg: "ES256", kid: {} }],
    ["a list as header", []],
  ])("refuses a header with %s", async (_, header) => {
    expect(await outcome(`${segment(header)}.${segment({})}.AAAA`, [a])).toBe("malformed");
  });

  it("refuses a header that is no acceptable JSON", async () => {
    const header = Buffer.from('{"alg":"ES256","alg":"none"}').toString("base64url");
    expect(await outcome(`${header}.${segment({})}.AAAA`, [a])).toBe("malformed");
  });

  it("refuses a token whose payload was exchanged", async () => {
    const [header, , signature] = (await sign(a, { x: 1 })).split(".");
    expect(await outcome(`${header}.${segment({ x: 2 })}.${signature}`, [a])).toBe("signature");
  });

  it("gives a key registered for the wrong algorithm no chance", async () => {
    const mislabelled = { ...p384, pinned: { ...p384.pinned, alg: "ES256" } };
    expect(await outcome(await sign(a, {}), [mislabelled])).toBe("signature");
  });
});
