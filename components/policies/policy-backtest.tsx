"use client";

import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { fleetSummaryOptions } from "#lib/client/fleet";
import { formatCount, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { type BacktestProgress, backtest } from "#lib/client/policies";
import { PRESENT } from "#lib/client/time-travel";
import type { BacktestView } from "#lib/contracts/policy";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Field } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { BacktestResult } from "./backtest-result.tsx";
import { ALL_NODES, PartFields, partOf } from "./part-fields.tsx";
import { usePolicy } from "./policy-frame.tsx";
import { subjectOf, VersionField } from "./subject.tsx";

const DAYS = [1, 7, 14, 30, 90, 180, 366].map((days) => ({
  value: `${days}`,
  label: `Last ${formatPlural(days, "day")}`,
}));

type Run =
  | { state: "idle" }
  | { state: "running"; progress: BacktestProgress }
  | { state: "cancelled"; progress: BacktestProgress }
  | { state: "failed"; error: unknown }
  | { state: "done"; result: BacktestView };

const NOTHING_YET: BacktestProgress = { nodes: 0, states: 0 };

/** Replaying what was stored: what would have fired when, how often that was wrong, and how much earlier. */
export function PolicyBacktestPage({ name, version: asked }: { name: string; version: number | null }) {
  const router = useRouter();
  const policy = usePolicy(name);
  const [days, setDays] = useState("30");
  const [part, setPart] = useState(ALL_NODES);
  const { run, start, cancel } = useBacktest();
  const stated = partOf(part);
  if (!policy) return null;
  const { version, proposed } = subjectOf(policy, asked);
  const running = run.state === "running";
  function submit(event: FormEvent) {
    event.preventDefault();
    if (stated && !running) start({ ...proposed, ...stated, days: Number(days) });
  }
  return (
    <div className="flex flex-col gap-3">
      <p className="max-w-[80ch] text-data text-muted">
        Replays what was stored about every node as if this version had decided then. Nothing is stored, and
        no node’s status changes.
      </p>
      <form onSubmit={submit} className="flex flex-col gap-3">
        <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-[1fr_1fr_2fr]">
          <VersionField
            id="backtest-version"
            policy={policy}
            version={version}
            onChange={(next) =>
              router.replace(paths.policy(name, "backtest", { version: next }), { scroll: false })
            }
          />
          <Field id="backtest-days" label="Range">
            <Select
              id="backtest-days"
              value={days}
              options={DAYS}
              onChange={(event) => setDays(event.target.value)}
            />
          </Field>
          <div className="sm:max-lg:col-span-2">
            <PartFields id="backtest" value={part} onChange={setPart} />
          </div>
        </div>
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" variant="primary" disabled={stated === null} pending={running}>
            Run the backtest
          </Button>
          {running && <Button onClick={cancel}>Cancel</Button>}
        </div>
      </form>
      {running && <Progress progress={run.progress} />}
      {run.state === "cancelled" && (
        <p role="status" className="text-data text-muted">
          Cancelled after {formatPlural(run.progress.nodes, "node")}. Nothing is shown of it, because a part
          would mislead.
        </p>
      )}
      {run.state === "failed" && <FormProblem error={run.error} />}
      {run.state === "done" && <BacktestResult result={run.result} />}
    </div>
  );
}

/** One run at a time; leaving the page ends it, here and on the server. */
function useBacktest() {
  const [run, setRun] = useState<Run>({ state: "idle" });
  const current = useRef<AbortController | null>(null);
  useEffect(() => () => current.current?.abort(), []);

  async function work(body: Parameters<typeof backtest>[0], signal: AbortSignal) {
    let progress = NOTHING_YET;
    setRun({ state: "running", progress });
    try {
      const result = await backtest(
        body,
        (told) => {
          progress = told;
          setRun({ state: "running", progress });
        },
        signal,
      );
      setRun({ state: "done", result });
    } catch (error) {
      setRun(signal.aborted ? { state: "cancelled", progress } : { state: "failed", error });
    }
  }
  return {
    run,
    start: (body: Parameters<typeof backtest>[0]) => {
      current.current?.abort();
      current.current = new AbortController();
      void work(body, current.current.signal);
    },
    cancel: () => current.current?.abort(),
  };
}

/** How far it is; the whole is known only about, because nodes come and go. */
function Progress({ progress: { nodes, states } }: { progress: BacktestProgress }) {
  const about = useQuery(fleetSummaryOptions(PRESENT)).data?.nodes ?? 0;
  const most = Math.max(about, nodes, 1);
  return (
    <div className="flex max-w-[480px] flex-col gap-1">
      <progress
        aria-label="Progress of the backtest"
        max={most}
        value={nodes}
        className="h-1.5 w-full accent-accent"
      />
      <p role="status" className="text-small text-muted">
        {formatCount(nodes)} of about {formatPlural(most, "node")}, {formatPlural(states, "stored state")}{" "}
        replayed
      </p>
    </div>
  );
}
