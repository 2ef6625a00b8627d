/** Listing nodes that somebody counts on. */
import { expectedNodeInsert } from "#db/queries/expected-node";
import { type ExpectedNodesAdded, ExpectNodesBody } from "#lib/contracts/enrolment";
import { canonicalIdentity, roleOf } from "#lib/domain/identity";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import { domainFor } from "#lib/services/domain";
import { uuidv7 } from "#lib/services/uuidv7";

/**
 * Add lines of an inventory. Names that are listed already are left as they are, so the same file can be
 * imported again.
 *
 * @throws {ProblemError} `request/invalid` when a line has no identity that could tell that the node came
 */
export const expectNodes = command({
  name: "node.expect",
  permission: "node:expect",
  input: ExpectNodesBody,
  async run(tx, { actor, now }, { nodes }) {
    const trustDomainId = domainFor(actor);
    const createdAt = now();
    const pointers = nodes.flatMap(({ identities }, index) =>
      identities.some(({ kind }) => roleOf(kind) !== "weak")
        ? []
        : [{ pointer: `#/nodes/${index}/identities`, detail: "Give at least one strong identity." }],
    );
    const [first] = pointers;
    if (first) {
      throw new ProblemError("request/invalid", `${first.pointer}: ${first.detail}`, { pointers });
    }
    const byName = new Map(nodes.map((node) => [node.name, node]));
    const added = await expectedNodeInsert(
      tx,
      [...byName.values()].map(({ name, identities, expectedBy }) => ({
        trustDomainId,
        id: uuidv7(createdAt),
        origin: "inventory",
        name,
        identities: identities.map(canonicalIdentity),
        expectedBy: expectedBy === undefined ? null : new Date(expectedBy),
        createdAt,
        createdBy: actor.id,
      })),
    );
    const taken = new Set(added);
    const result: ExpectedNodesAdded = {
      added: added.length,
      known: [...byName.keys()].filter((name) => !taken.has(name)),
    };
    return {
      result,
      audit: { trustDomainId, entity: "node", entityId: "-", before: null, after: { expected: added } },
    };
  },
});
