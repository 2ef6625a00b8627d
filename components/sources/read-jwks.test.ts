import { expect, test } from "vitest";
import { readJwks } from "./read-jwks.tsx";

const KEY = { kty: "EC", crv: "P-256", x: "x", y: "y" };

test("a JWK set, one JWK, or nothing is taken", () => {
  expect(readJwks("  ")).toEqual({ jwks: undefined });
  expect(readJwks(JSON.stringify({ keys: [KEY] }))).toEqual({ jwks: { keys: [KEY] } });
  expect(readJwks(JSON.stringify(KEY))).toEqual({ jwks: { keys: [KEY] } });
});

test("private and secret keys never leave the browser", () => {
  for (const secret of [
    { ...KEY, d: "d" },
    { kty: "oct", k: "k" },
  ]) {
    expect(readJwks(JSON.stringify({ keys: [KEY, secret] }))).toHaveProperty("problem");
  }
});

test("anything else is answered with what is wrong", () => {
  for (const text of ["-----BEGIN PUBLIC KEY-----", "[]", "null", '{"keys":[1]}', "{}"]) {
    expect(readJwks(text)).toHaveProperty("problem");
  }
});
