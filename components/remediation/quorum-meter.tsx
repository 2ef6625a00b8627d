import { displayText, formatCount } from "#lib/client/format";
import { groupsWords } from "#lib/client/remediation-words";
import type { ApproverGroup } from "#lib/domain/approval";

/** A rule with who has met it so far, by name. */
export type MeterRow = {
  groups: readonly ApproverGroup[];
  min: number;
  have: number;
  people: readonly string[];
};

/** How far each group has agreed. All of them must; each person fills one place. */
export function QuorumMeter({ rows }: { rows: readonly MeterRow[] }) {
  if (rows.length === 0) return <p className="text-data text-muted">Nobody was asked.</p>;
  return (
    <ul aria-label="Approvals" className="flex flex-col gap-2">
      {rows.map(({ groups, min, have, people }, index) => (
        // Two rules may ask the same groups.
        // biome-ignore lint/suspicious/noArrayIndexKey: the rules of a request never change
        <li key={index} className="flex flex-col gap-1 text-data">
          <span className="flex flex-wrap items-baseline justify-between gap-x-3">
            <span>{groupsWords(groups)}</span>
            <span className={have >= min ? "text-muted tabular-nums" : "font-medium tabular-nums"}>
              {formatCount(have)} of {formatCount(min)}
            </span>
          </span>
          <span aria-hidden className="flex gap-1">
            {Array.from({ length: min }, (_, place) => (
              <span
                // biome-ignore lint/suspicious/noArrayIndexKey: places have no other name
                key={place}
                className={`h-1.5 flex-1 rounded-full ${place < have ? "bg-accent" : "bg-line-strong"}`}
              />
            ))}
          </span>
          <span className="text-small break-words text-muted">
            {people.length > 0 ? people.map((name) => displayText(name).text).join(", ") : "Nobody yet"}
          </span>
        </li>
      ))}
    </ul>
  );
}
