import { displayText } from "#lib/client/format";
import type { RemediationDetail } from "#lib/contracts/remediation";
import { Card } from "../ui/card.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { type StepRow, StepTable } from "./step-table.tsx";

type Execution = NonNullable<RemediationDetail["execution"]>;

/** What is being done, or was: the steps of every node, and what was seen afterwards. */
export function ExecutionCard({
  execution,
  state,
}: {
  execution: Execution;
  state: RemediationDetail["state"];
}) {
  const { startedAt, endedAt, steps } = execution;
  const byNode = [...Map.groupBy(steps, ({ nodeId }) => nodeId)];
  return (
    <Card title="Execution" flush>
      <p className="border-b border-line px-3 py-2 text-small text-muted">
        Started <Timestamp iso={startedAt} absolute />
        {endedAt !== null && (
          <>
            , ended <Timestamp iso={endedAt} absolute />
          </>
        )}
        . {POST_CHECK[state] ?? ""}
      </p>
      {steps.length === 0 && <p className="px-3 py-2 text-data text-muted">No step has been laid out yet.</p>}
      {byNode.map(([nodeId, ofNode]) => {
        const name = displayText(ofNode[0]?.nodeName ?? "").text;
        return (
          <section key={nodeId} aria-label={name}>
            <h3 className="label bg-sunken px-3 py-1.5 break-all normal-case">{name}</h3>
            <StepTable node={name} steps={ofNode.map(rowOf)} />
          </section>
        );
      })}
    </Card>
  );
}

const POST_CHECK: Partial<Record<RemediationDetail["state"], string>> = {
  verifying: "Every mandatory step was observed to be done; whether it holds is being checked.",
  succeeded: "Every mandatory step was observed to be done, and the check afterwards passed.",
  partially_failed: "Some of it is done and some is not, or an outcome is not known.",
  aborting: "What was applied is being rolled back.",
  aborted: "What was applied was rolled back, and that was observed.",
};

const rowOf = (step: Execution["steps"][number]): StepRow => ({
  ...step,
  verb: step.verb.replaceAll("_", " "),
  where: step.connectorId === null ? "Touchstone" : step.connectorKind,
});
