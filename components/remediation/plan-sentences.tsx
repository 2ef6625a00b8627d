import type { RemediationDetail } from "#lib/contracts/remediation";
import { limitWords } from "#lib/domain/remediation-limits";
import { Timestamp } from "../ui/timestamp.tsx";

/** The limits that a plan is checked against, in full; closed until somebody wants to know. */
export function LimitsNote({ limits }: { limits: RemediationDetail["plan"]["limits"] }) {
  return (
    <details className="text-small text-muted">
      <summary className="touch inline-flex cursor-pointer items-center">
        Limits: {limits.poolPercent} % of a pool away, {limits.minHealthyPercent} % serving, …
      </summary>
      <ul className="list-disc pl-5">
        {limitWords(limits).map((words) => (
          <li key={words} className="break-words">
            {words}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** How long credentials of the nodes may still be accepted elsewhere: what containment does not end at once. */
export function ResidualSentence({ residual }: { residual: RemediationDetail["residual"] }) {
  switch (residual.state) {
    case "none":
      return <p className="text-small text-muted">No credential of these nodes is known to be valid.</p>;
    case "unknown":
      return (
        <p className="text-small text-warn-fg">
          Until when credentials of these nodes may be accepted elsewhere is not known.
        </p>
      );
    case "until":
      return (
        <p className="text-small text-warn-fg">
          Credentials of these nodes may be accepted elsewhere until{" "}
          <Timestamp iso={residual.until} absolute />, unless they are revoked.
        </p>
      );
  }
}

/** When it would begin. */
export function WindowSentence({
  window: { mode, opensAt },
  startAt,
}: {
  window: RemediationDetail["window"];
  startAt: string | null;
}) {
  if (startAt === null && mode === "ignore") {
    return <p className="text-small text-muted">It starts as soon as it is approved.</p>;
  }
  return (
    <p className="text-small text-muted">
      {startAt !== null && (
        <>
          Not before <Timestamp iso={startAt} absolute />.{" "}
        </>
      )}
      {mode === "respect" &&
        (opensAt === null ? (
          "It waits for a maintenance window of its nodes, if there are any."
        ) : (
          <>
            The maintenance windows of its nodes next allow it <Timestamp iso={opensAt} absolute />.
          </>
        ))}
    </p>
  );
}
