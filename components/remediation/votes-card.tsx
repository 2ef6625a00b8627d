import { displayText } from "#lib/client/format";
import type { RemediationDetail } from "#lib/contracts/remediation";
import { isOpenToVotes } from "#lib/domain/remediation";
import { Badge } from "../ui/badge.tsx";
import { Card } from "../ui/card.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { QuorumMeter } from "./quorum-meter.tsx";

/** Who must agree, who has, and what everybody said. */
export function VotesCard({ request }: { request: RemediationDetail }) {
  const { meter, votes, delegations, claimedBy, state, origin } = request;
  return (
    <Card title="Approvals">
      <div className="flex flex-col gap-3">
        {origin === "break_glass" || origin === "drill" ? (
          <p className="text-data">
            {origin === "drill"
              ? "Nobody has to agree to a rehearsal."
              : "Nobody was asked: it was done at once, by break-glass."}
          </p>
        ) : (
          <QuorumMeter rows={meter} />
        )}
        {claimedBy && isOpenToVotes(state) && (
          <p className="text-small text-muted">
            {claimedBy.mine ? "You have" : `${displayText(claimedBy.email).text} has`} said “I look at it”{" "}
            <Timestamp iso={claimedBy.at} />. Others may decide all the same.
          </p>
        )}
        {votes.length > 0 && (
          <ul className="flex flex-col gap-2 border-t border-line pt-2">
            {votes.map(({ email, decision, reason, at, void: why }) => (
              <li key={`${email} ${at}`} className="flex flex-col gap-0.5 text-data">
                <span className="flex flex-wrap items-center gap-2">
                  <Badge tone={why !== null ? "neutral" : decision === "deny" ? "danger" : "accent"}>
                    {decision === "deny" ? "denied" : "approved"}
                  </Badge>
                  <span className="min-w-0 break-all">{displayText(email).text}</span>
                  <Timestamp iso={at} className="text-small text-muted" />
                </span>
                <span className="break-words text-muted">{displayText(reason).text}</span>
                {why !== null && (
                  <span className="text-small break-words text-warn-fg">
                    Does not count: {displayText(why).text}
                  </span>
                )}
              </li>
            ))}
          </ul>
        )}
        {delegations.length > 0 && (
          <ul className="flex flex-col gap-1 border-t border-line pt-2 text-small text-muted">
            {delegations.map(({ from, to, reason, at }) => (
              <li key={`${from} ${at}`} className="break-words">
                {displayText(from).text} handed it to {displayText(to).text} <Timestamp iso={at} />:{" "}
                {displayText(reason).text}
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}
