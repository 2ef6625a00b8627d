import { describe, expect, it } from "vitest";
import { hashPassword, oneTimePassword, verifyPassword } from "./password.ts";

describe("passwords", () => {
  it("verify against their own digest and no other", async () => {
    const stored = await hashPassword("correct horse");
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await verifyPassword("correct horse", stored)).toBe(true);
    expect(await verifyPassword("correct horsf", stored)).toBe(false);
    expect(await hashPassword("correct horse")).not.toBe(stored);
  });

  it("take the same work for nobody, and are never right then", async () => {
    const stored = await hashPassword("x");
    const timed = async (digest: string | null) => {
      const started = performance.now();
      expect(await verifyPassword("y", digest)).toBe(false);
      return performance.now() - started;
    };
    await timed(stored);
    expect(await timed(null)).toBeGreaterThan((await timed(stored)) / 5);
  });

  it("refuse a digest of another form instead of taking it for wrong", async () => {
    await expect(verifyPassword("x", "$2b$10$abc")).rejects.toThrow("not an argon2id");
  });

  it("for one time are long, different and free of look-alikes", () => {
    const some = Array.from({ length: 50 }, oneTimePassword);
    expect(new Set(some).size).toBe(50);
    for (const one of some)
      expect(one).toMatch(/^([abcdefghjkmnpqrstuvwxyz2-9]{6}-){3}[abcdefghjkmnpqrstuvwxyz2-9]{6}$/);
  });
});
