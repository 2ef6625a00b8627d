import { displayText, formatDuration } from "#lib/client/format";
import { Badge } from "../ui/badge.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { observedFacts, STEP_TONES, STEP_WORDS, type StepState } from "./step-words.ts";

export type StepRow = {
  ordinal: number;
  /** Which system, and what it was told. */
  where: string;
  verb: string;
  mandatory: boolean;
  state: StepState;
  attempts: number;
  startedAt: string | null;
  endedAt: string | null;
  observed: unknown;
  problem: string | null;
};

/** The steps on one node in their order: what was done, and what was seen afterwards. */
export function StepTable({ node, steps }: { node: string; steps: readonly StepRow[] }) {
  return (
    <ol aria-label={`Steps on ${node}`}>
      {steps.map((step) => (
        <Step key={step.ordinal} step={step} />
      ))}
    </ol>
  );
}

function Step({ step }: { step: StepRow }) {
  const { where, verb, mandatory, state, attempts, startedAt, endedAt, observed, problem } = step;
  const facts = observedFacts(observed);
  const tookMs = startedAt && endedAt ? Date.parse(endedAt) - Date.parse(startedAt) : null;
  return (
    <li className="flex flex-col gap-1 border-b border-line px-3 py-2 text-data last:border-b-0">
      <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Badge tone={STEP_TONES[state]}>{STEP_WORDS[state]}</Badge>
        <span className="min-w-0 break-words">{displayText(verb).text}</span>
        <span className="text-small text-muted">
          {displayText(where).text}
          {!mandatory && ", may fail"}
        </span>
      </span>
      {startedAt && (
        <span className="text-small text-muted">
          <Timestamp iso={startedAt} absolute />
          {tookMs !== null && `, took ${formatDuration(tookMs)}`}
          {attempts > 1 && `, attempt ${attempts}`}
        </span>
      )}
      {problem !== null && <p className="text-small break-words text-danger">{displayText(problem).text}</p>}
      {facts !== null && facts.length > 0 && (
        <dl className="flex flex-wrap gap-x-4 gap-y-0.5 text-small">
          {facts.map(({ name, value }) => (
            <div key={name} className="flex min-w-0 gap-1.5">
              <dt className="text-muted">
                <HostileText text={name} max={40} />
              </dt>
              <dd className="min-w-0 font-mono">
                <HostileText text={value} className="break-all [&_bdi]:whitespace-normal" />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}
