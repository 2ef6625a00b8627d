/** Checking packs for people who have no command line at hand. */
import { beforeAll, describe, expect, it } from "vitest";
import { buildPack } from "#lib/report-pack/build";
import { sha256Hex } from "#lib/report-pack/contents";
import { makeSampleKey, sampleContents, sampleLog, smallSnapshot } from "#tests/pack-samples";
import { useDatabase } from "#tests/pg";
import { makeWorld, refusalOf, type World } from "#tests/world";
import { checkPack } from "./check-pack.ts";

const { pool } = useDatabase();
const [own, foreign] = [makeSampleKey(), makeSampleKey()];
const pack = buildPack(sampleContents(smallSnapshot(), own, sampleLog()), own.sign);
let world: World;

beforeAll(async () => {
  world = await makeWorld(pool);
});

const check = (role: "auditor" | "viewer", bytes: Uint8Array, keys: string | null = null) =>
  checkPack(world.as(role), { pack: Buffer.from(bytes).toString("base64"), keys }, async () => own.keys);

describe("checking a pack here", () => {
  it("finds what the command line finds, with the keys of the installation or with others, and is on record", async () => {
    expect(await check("auditor", pack)).toMatchObject({
      standing: "proven",
      report: { id: smallSnapshot().id },
    });
    const { standing, findings } = await check("auditor", pack, JSON.stringify(foreign.keys));
    expect(standing).toBe("failed");
    expect(findings.some((finding) => finding.standing === "failed")).toBe(true);
    const { rows } = await pool.query(
      "SELECT after FROM audit_entry WHERE action = 'report.check' ORDER BY id",
    );
    expect(rows.map(({ after }) => after)).toEqual([
      { sha256: sha256Hex(pack), standing: "proven" },
      { sha256: sha256Hex(pack), standing: "failed" },
    ]);
  });

  it("says of what is no pack that it is none, and refuses keys that are none and people who may not read", async () => {
    expect(await check("auditor", new Uint8Array([1, 2, 3]))).toMatchObject({
      standing: "failed",
      report: null,
    });
    expect(await refusalOf(check("auditor", pack, "{}"))).toBe("request/invalid");
    expect(await refusalOf(check("auditor", pack, '{"keys":[]}'))).toBe("request/invalid");
    expect(await refusalOf(check("viewer", pack))).toBe("auth/forbidden");
  });
});
