/** The guards of remediation. */
import { type Guard, guard as guardIn } from "./guard.ts";

const DIR = "lib/services/remediation";
const USE = `${DIR}/remediation.db.test.ts`;
const ORDER = `${DIR}/interleaving.db.test.ts`;

const guard = (name: string, file: string, text: string, without: string, test = USE): Guard =>
  guardIn(name, `${DIR}/${file}`, text, without, test);

export const REMEDIATION_GUARDS: readonly Guard[] = [
  guard("what is over takes no votes", "vote.ts", "if (now >= row.expiresAt)", "if (false as boolean)"),
  guard(
    "a vote is for the plan that was seen",
    "vote.ts",
    "if (seen === stored) return;",
    "if (seen) return;",
  ),
  guard("a person votes once", "vote.ts", "if (before)", "if (false as boolean)"),
  guard(
    "a vote is for what would be done",
    "vote.ts",
    'decision === "approve" ? await recheckPlan(tx, row, tools, at) : []',
    "[] as string[]",
    ORDER,
  ),
  guard(
    "nobody decides what they asked for",
    "voters.ts",
    "if (account.userId === requestedBy || requesterNow.includes(personOf(account.email)))",
    "if (false as boolean)",
  ),
  guard(
    "limits are not overwritten unseen",
    "set-limits.ts",
    "if (held !== seen)",
    "if (false as boolean)",
    `${DIR}/limits.db.test.ts`,
  ),
  guard(
    "limits are previewed where they are seen",
    "limits.ts",
    'if (!readScope(ctx, "remediation:read").includes(trustDomainId))',
    "if (false as boolean)",
    `${DIR}/limits.db.test.ts`,
  ),
  guard(
    "the limits in force are what a plan is compared with",
    "plan.ts",
    "...{ nodes, limits },",
    "...{ nodes, limits: plan.limits },",
    `${DIR}/limits.db.test.ts`,
  ),
  guard("who handed their say on has none", "voters.ts", '? "delegated" : null', "? null : null"),
  guard(
    "roles are what they are now",
    "voters.ts",
    "hearing.holders.some((holder) => holder.userId === userId)",
    "true",
  ),
  guard(
    "what is over is not started",
    "due.ts",
    'if (now >= row.expiresAt) return { kind: "expire" };',
    "",
    ORDER,
  ),
  guard(
    "only what was agreed on is started",
    "due.ts",
    'if (changes.length > 0) return { kind: "supersede", why: changes.join(" ") };',
    "",
    ORDER,
  ),
  guard(
    "a lost role voids a vote at the start",
    "due.ts",
    'if (state !== "met") return { kind: "supersede", why: lostWords(row, hearing) };',
    "",
  ),
  guard("what blocks holds the start back", "due.ts", "if (broken.length === 0)", "if (broken)"),
  guard(
    "what is stored is what was hashed",
    "plan.ts",
    'return agreed ? [] : ["What is stored is not what was agreed on."];',
    "return agreed ? [] : [];",
    ORDER,
  ),
  guard(
    "what cannot be done is not asked for",
    "plan.ts",
    "if (refuse) refuseImpossible(action, nodes);",
    "",
  ),
  guard(
    "a pause of everything is one",
    "request.ts",
    'if (paused) throw new ProblemError("remediation/paused", paused.sentence);',
    "",
  ),
  guard(
    "only who asked takes it back",
    "operate.ts",
    "if (!isRequester(row, { userId: actor.id, email: actor.email }))",
    "if (false as boolean)",
  ),
  guard(
    "nobody reviews what they did",
    "operate.ts",
    "if (isRequester(row, { userId: actor.id, email }) || hearing.requesterNow.includes(personOf(email)))",
    "if (false as boolean)",
  ),
];
