import { CircleCheck, CircleX } from "lucide-react";
import { displayText } from "#lib/client/format";

/** One question that was asked of the fleet or of a live target. */
export type Check = { ok: boolean; sentence: string };

/** Checks with their figures, broken ones first; each says in words what it is, not by its colour. */
export function CheckList({ checks, empty }: { checks: readonly Check[]; empty: string }) {
  if (checks.length === 0) return <p className="text-data text-muted">{empty}</p>;
  const sorted = [...checks].sort((a, b) => Number(a.ok) - Number(b.ok));
  return (
    <ul className="flex flex-col gap-1.5">
      {sorted.map(({ ok, sentence }) => (
        <li key={sentence} className="flex gap-2 text-data">
          {ok ? (
            <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />
          ) : (
            <CircleX aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
          )}
          <span className="min-w-0 break-words">
            <span className={ok ? "sr-only" : "font-medium text-danger"}>{ok ? "Kept: " : "Broken: "}</span>
            {displayText(sentence).text}
          </span>
        </li>
      ))}
    </ul>
  );
}
