import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  accountOfAudience,
  audienceOf,
  isTokenCurrent,
  isTrustedSubject,
  TOKEN_LIFE_MAX_S,
  TOKEN_SKEW_S,
} from "./workload-token.ts";

const text = fc.string({ maxLength: 8 });

describe("the audience of an account", () => {
  it("names it and nothing else does", () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), text, (id, other, rest) => {
        expect(accountOfAudience(audienceOf(id))).toBe(id);
        expect(accountOfAudience([audienceOf(id)])).toBe(id);
        expect(accountOfAudience([audienceOf(id), audienceOf(other)])).toBeNull();
        if (rest !== "") expect(accountOfAudience(audienceOf(id) + rest)).toBeNull();
        if (rest !== "") expect(accountOfAudience(rest + audienceOf(id))).toBeNull();
      }),
    );
    fc.assert(fc.property(fc.anything(), (aud) => accountOfAudience(aud) === null));
  });
});

describe("a trusted subject", () => {
  it("is the same text everywhere; a member of any other kind is another", () => {
    const wanted = fc.record({
      subject: fc.option(text, { nil: null }),
      claims: fc.dictionary(fc.constantFrom("a", "b", "__proto__"), text, { maxKeys: 3 }),
    });
    fc.assert(
      fc.property(wanted, fc.dictionary(text, fc.anything()), (trusted, more) => {
        const { subject, claims } = trusted;
        const token = { ...more, ...claims, ...(subject === null ? {} : { sub: subject }) };
        const names = Object.entries(claims);
        const own = names.every(
          ([name, value]) => Object.hasOwn(token, name) && token[name as "sub"] === value,
        );
        expect(isTrustedSubject(token, trusted)).toBe(own && (subject !== null || names.length > 0));
        for (const [name, value] of names) {
          expect(isTrustedSubject({ ...token, [name]: [value] }, trusted)).toBe(false);
          expect(isTrustedSubject({ ...token, [name]: `${value}x` }, trusted)).toBe(false);
        }
        if (subject !== null) expect(isTrustedSubject({ ...token, sub: `${subject}x` }, trusted)).toBe(false);
      }),
    );
  });
});

describe("a token", () => {
  const second = fc.integer({ min: -10_000, max: 10_000 });

  it("counts between its beginning and its end, and for an hour at most", () => {
    fc.assert(
      fc.property(second, second, fc.option(second, { nil: undefined }), (iat, exp, nbf) => {
        const lives = exp > iat && exp - iat <= TOKEN_LIFE_MAX_S;
        const begun = iat <= TOKEN_SKEW_S && (nbf ?? 0) <= TOKEN_SKEW_S;
        expect(isTokenCurrent({ iat, exp, nbf }, 0)).toBe(lives && begun && exp > -TOKEN_SKEW_S);
      }),
    );
  });

  it("without numbers for them never does", () => {
    const odd = fc.oneof(
      fc.constant(undefined),
      fc.string(),
      fc.constant(Number.POSITIVE_INFINITY),
      fc.constant(null),
    );
    fc.assert(
      fc.property(odd, (value) => {
        expect(isTokenCurrent({ iat: value, exp: 60 }, 0)).toBe(false);
        expect(isTokenCurrent({ iat: 0, exp: value }, 0)).toBe(false);
        if (value !== undefined) expect(isTokenCurrent({ iat: 0, exp: 60, nbf: value }, 0)).toBe(false);
      }),
    );
  });
});
