import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CompactSign, exportJWK, generateKeyPair } from "jose";
import { describe, expect, test } from "vitest";
import { digestCommand, evidenceFileName, signatureCommand } from "./verify-locally.ts";

const HASH = "ab".repeat(32);

async function signed(alg: string) {
  const keys = await generateKeyPair(alg, { extractable: true });
  const token = await new CompactSign(new TextEncoder().encode('{"ear.status":"affirming"}'))
    .setProtectedHeader({ alg, kid: "k1" })
    .sign(keys.privateKey);
  const other = await generateKeyPair(alg, { extractable: true });
  const verdict = {
    eventHash: HASH,
    rawSha256: createHash("sha256").update(token).digest("hex"),
    signature: { status: "verified" as const, kid: "k1", alg },
  };
  const folder = mkdtempSync(join(tmpdir(), "verify-locally-"));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write(evidenceFileName(verdict), token);
  write("keys.json", JSON.stringify({ keys: [{ ...(await exportJWK(keys.publicKey)), kid: "k1" }] }));
  write("other.json", JSON.stringify({ ...(await exportJWK(other.publicKey)), kid: "k1" }));
  return {
    verdict,
    write,
    token,
    run: (command: string) => execFileSync("sh", ["-c", command], { cwd: folder, encoding: "utf8" }),
  };
}

describe("the commands to run on another machine", () => {
  test.each(["ES256", "ES384", "RS256", "PS256", "EdDSA"])(
    "%s: a good token passes, another key and a changed token do not",
    async (alg) => {
      const { verdict, write, token, run } = await signed(alg);
      const command = signatureCommand(verdict) ?? "";
      expect(run(command)).toContain("GOOD signature by key k1");
      expect(() => run(signatureCommand(verdict, "other.json") ?? "")).toThrow();
      write(evidenceFileName(verdict), `${token.slice(0, 40)}x${token.slice(41)}`);
      expect(() => run(command)).toThrow();
    },
  );

  test("the digest of the received bytes is checked", async () => {
    const { verdict, write, run } = await signed("ES256");
    expect(run(digestCommand(verdict))).toContain("OK");
    write(evidenceFileName(verdict), "other bytes");
    expect(() => run(digestCommand(verdict))).toThrow();
  });

  test("foreign text never becomes part of a command", () => {
    const hostile = {
      eventHash: "$(rm -rf ~)",
      rawSha256: '"; rm -rf ~; "',
      signature: { status: "verified" as const, kid: "'; rm -rf ~; '", alg: "ES256" },
    };
    for (const command of [digestCommand(hostile), signatureCommand(hostile) ?? ""]) {
      expect(command).not.toContain("rm ");
    }
    expect(signatureCommand({ ...hostile, signature: { ...hostile.signature, alg: "'; rm" } })).toBeNull();
  });
});
