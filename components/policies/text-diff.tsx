import { formatCount, formatPlural } from "#lib/client/format";
import { type DiffLine, diffLines, diffParts } from "#lib/client/line-diff";
import { cn } from "../ui/cn.tsx";
import { HostileText } from "../ui/hostile-text.tsx";

const SIGN = { same: " ", removed: "−", added: "+" } as const;
const WORD = { same: "", removed: "removed: ", added: "added: " } as const;

/** Two texts as one: what was taken out and what came in, with some lines around. */
export function TextDiff({ a, b, label }: { a: string; b: string; label: string }) {
  const lines = diffLines(a, b);
  const parts = diffParts(lines);
  const count = (kind: DiffLine["kind"]) => lines.filter((line) => line.kind === kind).length;
  if (parts.length === 0) return <p className="px-3 py-2 text-data text-muted">The texts are the same.</p>;
  return (
    <>
      <p className="px-3 py-2 text-small text-muted">
        {formatPlural(count("added"), "line")} added, {formatPlural(count("removed"), "line")} removed
      </p>
      <section
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        className="overflow-x-auto border-t border-line bg-sunken py-1 font-mono text-small"
      >
        <div className="w-max min-w-full">
          {parts.map((part, index) =>
            "hidden" in part ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: parts of one comparison never move
              <p key={index} className="px-3 py-0.5 text-muted">
                ⋯ {formatCount(part.hidden)} equal {part.hidden === 1 ? "line" : "lines"}
              </p>
            ) : (
              part.lines.map((line) => <Line key={`${line.kind} ${line.a} ${line.b}`} line={line} />)
            ),
          )}
        </div>
      </section>
    </>
  );
}

function Line({ line: { kind, text, a, b } }: { line: DiffLine }) {
  return (
    <div
      className={cn(
        "grid grid-cols-[4ch_4ch_2ch_auto] gap-x-1 px-3",
        kind === "added" && "bg-selected",
        kind === "removed" && "text-danger",
      )}
    >
      <span aria-hidden className="text-right text-muted">
        {a}
      </span>
      <span aria-hidden className="text-right text-muted">
        {b}
      </span>
      <span aria-hidden className="text-center">
        {SIGN[kind]}
      </span>
      <span>
        <span className="sr-only">{WORD[kind]}</span>
        <HostileText text={text.replace(/\r$/, "")} className="[&_bdi]:whitespace-pre" />
      </span>
    </div>
  );
}
