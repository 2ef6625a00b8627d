/** Published baselines for tests, signed with a key of the test's own. */
import { generateKeyPairSync } from "node:crypto";
import { contentDigest } from "#db/baseline-soundness";
import { baseline, baselineRollout, baselineVersion, signingKey } from "#db/schema/baseline";
import { kidOf, signEnvelope } from "#db/signing";
import type { BaselineContent, Rollout } from "#lib/domain/baseline";
import { STATEMENT_TYPE, statementText } from "#lib/domain/baseline-statement";
import { uuidv7 } from "#lib/services/uuidv7";
import { NOW, type World } from "./world.ts";

export const EMPTY: BaselineContent = { scope: [], entries: {}, ignore: [], tolerances: {} };

export type BaselineSpec = {
  name?: string;
  selector?: string;
  sourceId?: string | null;
  submod?: string | null;
  /** Version 1 is the first. */
  versions: readonly Partial<BaselineContent>[];
  rollouts?: readonly (Partial<Rollout> & Pick<Rollout, "version">)[];
};

/** Adds published baselines to a domain; all of them are signed with one key. */
export function baselineAdder({ db, home }: Pick<World, "db" | "home">) {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const spki = publicKey.export({ format: "der", type: "spki" });
  const key = { kid: kidOf(spki), privateKey };
  let isStored = false;
  return async (spec: BaselineSpec): Promise<string> => {
    const trustDomainId = home;
    if (!isStored) {
      const row = {
        trustDomainId,
        kid: key.kid,
        publicKey: spki,
        sealedPrivate: Buffer.of(0),
        createdAt: NOW,
      };
      await db.insert(signingKey).values(row);
      isStored = true;
    }
    const id = uuidv7(NOW);
    const { name = `baseline ${id}`, selector = "", sourceId = null, submod = null } = spec;
    await db
      .insert(baseline)
      .values({ trustDomainId, id, name, description: "", selector, sourceId, submod, createdAt: NOW });
    const place = { trustDomainId, baselineId: id };
    for (const [index, part] of spec.versions.entries()) {
      const content = { ...EMPTY, ...part };
      const version = index + 1;
      const digest = contentDigest(content);
      const people = { author: null, approver: uuidv7(NOW), changeRequestId: uuidv7(NOW) };
      const text = statementText({ ...place, version, digest, ...people, approvedAt: NOW.toISOString() });
      await db.insert(baselineVersion).values({
        ...place,
        version,
        digest: Buffer.from(digest, "hex"),
        content,
        origin: "document",
        originDetail: {},
        note: "",
        author: null,
        createdAt: NOW,
        state: "published",
        signature: signEnvelope(STATEMENT_TYPE, Buffer.from(text), key),
        publishedAt: NOW,
      });
    }
    for (const stretch of spec.rollouts ?? []) {
      const {
        version,
        part = "target",
        selector: narrowed = "",
        percent = 100,
        fromMs = 0,
        toMs = null,
      } = stretch;
      await db.insert(baselineRollout).values({
        ...place,
        id: uuidv7(NOW),
        version,
        part,
        selector: narrowed,
        percent,
        validFrom: new Date(fromMs),
        validTo: toMs === null ? null : new Date(toMs),
        createdAt: NOW,
      });
    }
    return id;
  };
}
