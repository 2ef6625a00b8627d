/** A new version of a policy, or a new policy: a draft that decides nothing. */
import { policyFind, policyInsert, policyVersionInsert, policyVersionList } from "#db/queries/policy";
import { type SavedPolicy, SavePolicyBody } from "#lib/contracts/policy";
import { ProblemError } from "#lib/domain/problems";
import { BUILT_IN } from "#lib/policy/course";
import { runTests } from "#lib/policy/run-tests";
import { command } from "#lib/services/command";
import { domainFor } from "#lib/services/domain";
import { uuidv7 } from "#lib/services/uuidv7";
import { bundleOf } from "./resolve.ts";

/**
 * Save what checks and passes its own tests. Saving the newest text again changes nothing.
 *
 * @throws {ProblemError} `policy/invalid`; `policy/built-in` for the name of the built-in policy
 */
export const savePolicy = command({
  name: "policy.save",
  permission: "policy:write",
  input: SavePolicyBody,
  async run(tx, { actor, now }, { text, note }) {
    const bundle = bundleOf(text);
    if (bundle.name === BUILT_IN.bundle.name) {
      throw new ProblemError("policy/built-in", `"${bundle.name}" is the built-in policy. Use another name.`);
    }
    const failed = runTests(bundle, bundle.tests).filter(({ detail }) => detail !== null);
    if (failed.length > 0) {
      const pointers = failed.map(({ name, detail }) => ({
        pointer: "#/text",
        detail: `${name}: ${detail}`,
      }));
      throw new ProblemError("policy/invalid", `A test fails: ${pointers[0]?.detail}`, { pointers });
    }
    const trustDomainId = domainFor(actor);
    const at = now();
    const author = actor.kind === "user" ? actor.id : null;
    await policyInsert(tx, {
      trustDomainId,
      id: uuidv7(at),
      name: bundle.name,
      createdBy: author,
      createdAt: at,
    });
    const policy = await policyFind(tx, [trustDomainId], bundle.name, true);
    if (!policy) throw new ProblemError("policy/not-found", `No policy ${bundle.name}.`);
    const [newest] = await policyVersionList(tx, { trustDomainId, policyId: policy.id });
    const digest = Buffer.from(bundle.digest, "hex");
    const unchanged = newest?.digest.equals(digest);
    const version = unchanged && newest ? newest.version : (newest?.version ?? 0) + 1;
    const row = { trustDomainId, policyId: policy.id, version, digest, text, note, author, createdAt: at };
    if (!unchanged) await policyVersionInsert(tx, row);
    const result: SavedPolicy = { name: bundle.name, version };
    return {
      result,
      audit: {
        ...{ trustDomainId, entity: "policy", entityId: policy.id },
        before: newest ? { version: newest.version } : null,
        after: { ...result, digest: bundle.digest, note },
      },
    };
  },
});
