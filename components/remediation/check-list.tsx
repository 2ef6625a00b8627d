import { CircleCheck, CircleX, TriangleAlert } from "lucide-react";
import { displayText } from "#lib/client/format";
import { cn } from "../ui/cn.tsx";

/** One question that was asked of the fleet or of a live target. `blocking` = nothing starts while it is not kept. */
export type Check = { ok: boolean; blocking: boolean; sentence: string };

/** What stops it first, then what is only said, then what is kept. */
const rank = ({ ok, blocking }: Check) => (ok ? 2 : blocking ? 0 : 1);

/** Checks with their figures, worst first; each says in words what it is, not by its colour. */
export function CheckList({ checks, empty }: { checks: readonly Check[]; empty: string }) {
  if (checks.length === 0) return <p className="text-data text-muted">{empty}</p>;
  return (
    <ul className="flex flex-col gap-1.5">
      {[...checks]
        .sort((a, b) => rank(a) - rank(b))
        .map((check) => (
          <CheckItem key={check.sentence} check={check} />
        ))}
    </ul>
  );
}

function CheckItem({ check: { ok, blocking, sentence } }: { check: Check }) {
  const Icon = ok ? CircleCheck : blocking ? CircleX : TriangleAlert;
  const tone = blocking ? "text-danger" : "text-warn-fg";
  return (
    <li className="flex gap-2 text-data">
      <Icon aria-hidden className={cn("mt-0.5 size-4 shrink-0", ok ? "text-muted" : tone)} />
      <span className="min-w-0 break-words">
        <span className={ok ? "sr-only" : cn("font-medium", tone)}>
          {ok ? "Kept: " : blocking ? "Broken: " : "Think about it: "}
        </span>
        {displayText(sentence).text}
      </span>
    </li>
  );
}
