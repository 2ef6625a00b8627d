import { formatPlural } from "#lib/client/format";
import { rulesSentence } from "#lib/client/remediation-words";
import type { RemediationPreview } from "#lib/contracts/remediation";
import { CheckList } from "./check-list.tsx";
import { LimitsNote, ResidualSentence, WindowSentence } from "./plan-sentences.tsx";

/** What would be done, what it would leave, who would have to agree and when it would begin. */
export function PlanPreview({
  plan,
  startAt,
  atOnce,
}: {
  plan: RemediationPreview;
  startAt: string | null;
  /** It would be done without asking anybody. */
  atOnce: boolean;
}) {
  const { checks, rules, residual, window } = plan;
  const blocking = checks.filter(({ ok, blocking: stops }) => !ok && stops);
  return (
    <section
      aria-label="What it would do"
      className="flex flex-col gap-2 rounded-[4px] border border-line bg-sunken px-3 py-2"
    >
      <CheckList checks={checks} empty="No limit is touched by this." />
      {blocking.length > 0 && (
        <p className="text-small text-danger">
          {atOnce
            ? "It is done all the same, and that checks were broken stands on its record."
            : `It can be asked for, but it is not started while ${formatPlural(blocking.length, "check is", "checks are")} broken.`}
        </p>
      )}
      {!atOnce && (
        <p className="text-data">
          {rules.length === 0
            ? "Nobody has to agree."
            : `${rulesSentence(rules)} must agree. You do not count.`}
        </p>
      )}
      <LimitsNote limits={plan.limits} />
      <ResidualSentence residual={residual} />
      {!atOnce && <WindowSentence window={window} startAt={startAt} />}
    </section>
  );
}
