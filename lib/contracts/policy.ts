/** Policies: what is made of evidence. */
import { z } from "zod";
import { Instant, Status, Uuid } from "./common.ts";
import { presentQuery } from "./time.ts";

const PolicyName = z
  .string()
  .max(60)
  .regex(/^[a-z][a-z0-9-]*$/);
const PolicyText = z.string().min(1).max(100_000);
const Selector = z.string().max(4_000).default("");
const Percent = z.int().min(1).max(100).default(100);
const Note = z.string().trim().max(1_000).default("");
const Reason = z.string().trim().min(10).max(1_000);

const PRESENT = presentQuery("policies are changed now; each version says when it was made.");
export const PolicyQuery = z.strictObject(PRESENT);
export const PolicyParams = z.strictObject({ name: PolicyName });

const RuleView = z.strictObject({
  id: z.string(),
  when: z.string(),
  status: z.string(),
  reason: z.string(),
  docs: z.string(),
});

/** A stage of a version for a part of the nodes; `to` null = still. */
const ActivationView = z.strictObject({
  id: Uuid,
  version: z.int(),
  stage: z.enum(["shadow", "enforced"]),
  selector: z.string(),
  percent: z.int(),
  from: Instant,
  to: Instant.nullable(),
  by: z.string().nullable(),
  changeRequestId: Uuid.nullable(),
  /** Of a shadow: when its nodes were last compared. */
  comparedAt: Instant.nullable(),
  comparedNodes: z.int().nullable(),
});
export type ActivationView = z.infer<typeof ActivationView>;

const POLICY_STAGES = ["draft", "shadow", "enforced", "retired"] as const;
const PolicyVersionView = z.strictObject({
  version: z.int(),
  digest: z.string(),
  note: z.string(),
  author: z.string().nullable(),
  createdAt: Instant,
  /** The furthest that it is in now; `retired` = it was enforced and is not. */
  stage: z.enum(POLICY_STAGES),
  text: z.string(),
});
export type PolicyVersionView = z.infer<typeof PolicyVersionView>;

const PolicySummary = z.strictObject({
  name: z.string(),
  /** It ships with the product and cannot be changed; it decides where nothing else is enforced. */
  builtIn: z.boolean(),
  description: z.string(),
  rules: z.int(),
  /** Newest version. */
  version: z.int(),
  /** What is in a stage now, newest first. */
  active: z.array(ActivationView),
  /** Nodes whose present status is its word, whichever version of it said so. */
  decides: z.int(),
});
export type PolicySummary = z.infer<typeof PolicySummary>;

export const PolicyList = z.strictObject({
  items: z.array(PolicySummary),
  /** Nodes that are decided again after a change; `null` = all are. */
  deciding: z.strictObject({ done: z.int(), total: z.int() }).nullable(),
});
export type PolicyList = z.infer<typeof PolicyList>;

export const PolicyView = PolicySummary.extend({
  /** Of the newest version. */
  text: z.string(),
  ruleList: z.array(RuleView),
  versions: z.array(PolicyVersionView),
  /** Of all times, newest first. */
  activations: z.array(ActivationView),
  /** Nodes about which what is in shadow would decide otherwise. */
  shadow: z.strictObject({
    total: z.int(),
    items: z.array(
      z.strictObject({
        activationId: Uuid,
        nodeId: Uuid,
        name: z.string(),
        from: Status,
        to: Status,
        ruleId: z.string(),
        reason: z.string(),
        since: Instant,
      }),
    ),
  }),
});
export type PolicyView = z.infer<typeof PolicyView>;

export const SavePolicyBody = z.strictObject({ text: PolicyText, note: Note });
export type SavePolicyBody = z.input<typeof SavePolicyBody>;
export const SavedPolicy = z.strictObject({ name: z.string(), version: z.int() });
export type SavedPolicy = z.infer<typeof SavedPolicy>;

export const CheckPolicyBody = z.strictObject({ text: z.string().max(100_000) });
export type CheckPolicyBody = z.infer<typeof CheckPolicyBody>;

const Field = z.strictObject({ name: z.string(), type: z.string(), about: z.string() });
/** What expressions may ask; an editor completes from it. */
export const PolicySchemaView = z.strictObject({
  facts: z.array(Field.extend({ fields: z.array(Field) })),
  functions: z.array(z.strictObject({ signature: z.string(), about: z.string().nullable() })),
  statuses: z.array(z.string()),
});
export type PolicySchemaView = z.infer<typeof PolicySchemaView>;

export const PolicyCheck = z.strictObject({
  problems: z.array(z.strictObject({ path: z.string(), line: z.int(), column: z.int(), detail: z.string() })),
  rules: z.array(RuleView),
  tests: z.array(z.strictObject({ name: z.string(), detail: z.string().nullable() })),
});
export type PolicyCheck = z.infer<typeof PolicyCheck>;

/** A policy to try: a text that is not saved, or a version that is; and for which nodes. */
const Proposed = {
  text: PolicyText.optional(),
  name: PolicyName.optional(),
  version: z.int().min(1).optional(),
  selector: Selector,
  percent: Percent,
};
type OneOf = { text?: string | undefined; name?: string | undefined; version?: number | undefined };
const oneOf = ({ text, name, version }: OneOf) =>
  (text === undefined) !== (name === undefined) && (name === undefined) === (version === undefined);
const ONE_OF = { path: ["text"], message: "Give either a text, or a name and a version." };

export const TestPolicyBody = z.strictObject({ ...Proposed, nodeId: Uuid }).refine(oneOf, ONE_OF);
export type TestPolicyBody = z.input<typeof TestPolicyBody>;

const DecisionView = z.strictObject({
  status: Status,
  reason: z.string(),
  ruleId: z.string(),
  policyVersion: z.string(),
});

export const PolicyTrial = z.strictObject({
  current: DecisionView,
  decision: DecisionView,
  /** Every rule in order; `matched` null = it could not be evaluated. */
  trace: z.array(
    z.strictObject({
      ruleId: z.string(),
      status: z.string(),
      matched: z.boolean().nullable(),
      error: z.string().nullable(),
      exempt: z.boolean(),
    }),
  ),
  facts: z.record(z.string(), z.unknown()),
});
export type PolicyTrial = z.infer<typeof PolicyTrial>;

export const ImpactBody = z.strictObject(Proposed).refine(oneOf, ONE_OF);
export type ImpactBody = z.input<typeof ImpactBody>;

export const PolicyImpactView = z.strictObject({
  nodes: z.int(),
  statuses: z.array(z.strictObject({ status: Status, current: z.int(), proposed: z.int() })),
  moves: z.array(z.strictObject({ from: z.string(), to: z.string(), nodes: z.int() })),
  movedTotal: z.int(),
  named: z.array(
    z.strictObject({
      id: Uuid,
      name: z.string(),
      from: Status,
      to: Status,
      ruleId: z.string(),
      reason: z.string(),
    }),
  ),
  removedRules: z.array(z.strictObject({ policyVersion: z.string(), ruleId: z.string(), nodes: z.int() })),
});
export type PolicyImpactView = z.infer<typeof PolicyImpactView>;

export const BacktestBody = z
  .strictObject({ ...Proposed, days: z.int().min(1).max(366).default(30) })
  .refine(oneOf, ONE_OF);
export type BacktestBody = z.input<typeof BacktestBody>;

/** The last line of a backtest; the lines before it are `BacktestProgress`. */
export const BacktestView = z.strictObject({
  from: Instant,
  to: Instant,
  nodes: z.int(),
  states: z.int(),
  rules: z.array(
    z.strictObject({
      /** `name@version`: what decides about the other nodes meanwhile fires too. */
      policyVersion: z.string(),
      ruleId: z.string(),
      status: z.string(),
      fired: z.int(),
      nodes: z.int(),
      /** Firings against which a person's exception stood: as far as people have said so, false positives. */
      exempted: z.int(),
      days: z.array(z.strictObject({ day: z.string(), fired: z.int() })),
    }),
  ),
  failing: z.strictObject({ both: z.int(), onlyCurrent: z.int(), onlyProposed: z.int() }),
  detection: z.strictObject({
    earlier: z.int(),
    same: z.int(),
    later: z.int(),
    medianMs: z.number().nullable(),
  }),
});
export type BacktestView = z.infer<typeof BacktestView>;

export const ShadowBody = z.strictObject({ version: z.int().min(1), selector: Selector, percent: Percent });
export type ShadowBody = z.input<typeof ShadowBody>;

export const RollbackBody = z.strictObject({
  /** A version that was enforced before; null = none of this policy. */
  toVersion: z.int().min(1).nullable(),
  reason: Reason,
});
export type RollbackBody = z.infer<typeof RollbackBody>;

export const ExceptionBody = z.strictObject({
  policy: PolicyName,
  ruleId: PolicyName,
  /** CEL over the node; `node.id == "…"` for a single one. */
  selector: z.string().trim().min(1).max(4_000),
  reason: Reason,
  until: Instant,
});
export type ExceptionBody = z.infer<typeof ExceptionBody>;

const ExceptionView = ExceptionBody.extend({
  id: Uuid,
  selector: z.string(),
  createdBy: z.string().nullable(),
  createdAt: Instant,
  from: Instant,
  matches: z.int(),
  lastMatchAt: Instant.nullable(),
  /** `unused` = in force for a week or more and nothing came of it. */
  state: z.enum(["in_force", "unused", "expired"]),
});
export type ExceptionView = z.infer<typeof ExceptionView>;

export const PolicyExceptionList = z.strictObject({ items: z.array(ExceptionView) });
export type PolicyExceptionList = z.infer<typeof PolicyExceptionList>;
export const PolicyExceptionMade = z.strictObject({ id: Uuid });
export const EndExceptionBody = z.strictObject({ reason: Reason });
export type EndExceptionBody = z.infer<typeof EndExceptionBody>;
