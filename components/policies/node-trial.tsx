"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { nodeSearchOptions } from "#lib/client/baselines";
import { displayText } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { nodeTrialOptions } from "#lib/client/policies";
import type { PolicyTrial, TestPolicyBody } from "#lib/contracts/policy";
import type { TrustStatus } from "#lib/domain/trust-status";
import { StatusBadge } from "../fleet/status-badge.tsx";
import { JsonTree } from "../node/json-tree.tsx";
import { TimeLink } from "../shell/time-travel.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { cn } from "../ui/cn.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { useSettled } from "../ui/settled.ts";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";

const TYPING_MS = 300;

/** A text that is not saved, or a version that is. */
export type Proposed = Pick<TestPolicyBody, "text"> | Pick<TestPolicyBody, "name" | "version">;

/** A node to choose, and what a policy makes of it now, rule by rule. */
export function NodeTrial({
  id,
  proposed,
  nodeId,
  onNode,
}: {
  /** Begins the ids of the controls. */
  id: string;
  proposed: Proposed;
  /** Chosen at first. */
  nodeId: string | null;
  onNode?: (nodeId: string) => void;
}) {
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState(nodeId ?? "");
  const words = useSettled(search.trim(), TYPING_MS);
  const nodes = useQuery(nodeSearchOptions(words));
  const found = nodes.data?.items ?? [];
  const trial = useQuery({
    ...nodeTrialOptions({ ...proposed, nodeId: chosen }),
    enabled: chosen !== "",
  });
  const options = found.map((node) => ({ value: node.id, label: displayText(node.displayName).text }));
  const choose = (next: string) => {
    setChosen(next);
    onNode?.(next);
  };
  return (
    <div className="flex flex-col gap-3">
      <div className="grid gap-3 sm:grid-cols-2">
        <Field id={`${id}-search`} label="Find a node" hint="Part of its name or of an identity.">
          <Input
            id={`${id}-search`}
            type="search"
            value={search}
            maxLength={200}
            onChange={(event) => setSearch(event.target.value)}
            aria-describedby={fieldHintId(`${id}-search`)}
          />
        </Field>
        <Field
          id={`${id}-node`}
          label="Node"
          hint={
            nodes.data && nodes.data.total > found.length
              ? `The first ${found.length} of ${nodes.data.total}.`
              : null
          }
        >
          <Select
            id={`${id}-node`}
            value={chosen}
            onChange={(event) => choose(event.target.value)}
            options={[
              {
                value: "",
                label: nodes.isPending ? "Looking" : found.length === 0 ? "No node matches" : "Choose",
              },
              ...(chosen !== "" && !found.some((node) => node.id === chosen)
                ? [{ value: chosen, label: nameOf(trial.data) ?? chosen }]
                : []),
              ...options,
            ]}
          />
        </Field>
      </div>
      {chosen !== "" && trial.isPending && <SkeletonRows rows={4} label="Asking the rules" />}
      {trial.error && <FormProblem error={trial.error} />}
      {chosen !== "" && trial.data && <Trial nodeId={chosen} trial={trial.data} />}
    </div>
  );
}

function nameOf(trial: PolicyTrial | undefined): string | null {
  const node = trial?.facts.node;
  const name = typeof node === "object" && node !== null && "name" in node ? node.name : null;
  return typeof name === "string" ? displayText(name).text : null;
}

function Trial({
  nodeId,
  trial: { current, decision, trace, facts },
}: {
  nodeId: string;
  trial: PolicyTrial;
}) {
  return (
    <div className="flex flex-col gap-3">
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-data">
        <dt className="text-muted">Now</dt>
        <dd>
          <Decided decision={current} />
        </dd>
        <dt className="text-muted">By this policy</dt>
        <dd>
          <Decided decision={decision} />
        </dd>
      </dl>
      <TableFrame>
        <Table aria-label="What every rule says">
          <TableHead>
            <tr>
              <TableHeader>Rule</TableHeader>
              <TableHeader className="max-md:hidden">Status</TableHeader>
              <TableHeader>What it says</TableHeader>
            </tr>
          </TableHead>
          <TableBody>
            {trace.map((step) => {
              const decides = step.ruleId === decision.ruleId;
              return (
                <TableRow key={step.ruleId} className={cn("align-top", decides && "bg-selected")}>
                  <TableCell className={cn("font-mono text-small", decides && "font-semibold")}>
                    {step.ruleId}
                  </TableCell>
                  <TableCell className="max-md:hidden">
                    <StatusBadge status={step.status as TrustStatus} size="sm" />
                  </TableCell>
                  <TableCell className="text-small">
                    <StepWords step={step} decides={decides} reason={decision.reason} />
                  </TableCell>
                </TableRow>
              );
            })}
          </TableBody>
        </Table>
      </TableFrame>
      <details>
        <summary className="link touch inline-flex cursor-pointer items-center text-data">
          The facts that the rules were asked about
        </summary>
        <JsonTree title="Facts" value={facts} />
      </details>
      <p className="text-data">
        <TimeLink href={paths.node(nodeId)} className="link touch inline-flex items-center">
          Go to the node
        </TimeLink>
      </p>
    </div>
  );
}

function Decided({
  decision: { status, reason, ruleId, policyVersion },
}: {
  decision: PolicyTrial["decision"];
}) {
  return (
    <>
      <StatusBadge status={status} /> <HostileText text={reason} className="[&_bdi]:whitespace-normal" />
      <span className="block text-small text-muted">
        rule <code className="font-mono">{ruleId}</code> of <code className="font-mono">{policyVersion}</code>
      </span>
    </>
  );
}

function StepWords({
  step: { matched, error, exempt },
  decides,
  reason,
}: {
  step: PolicyTrial["trace"][number];
  decides: boolean;
  reason: string;
}) {
  if (matched === null) {
    return (
      <>
        <span className="font-medium text-danger">could not be evaluated</span>
        {error !== null && <span className="block break-words text-muted">{displayText(error).text}</span>}
      </>
    );
  }
  if (!matched) return <span className="text-muted">does not hold</span>;
  if (exempt) return <>holds, and an exception stands against it</>;
  if (!decides) return <span className="text-muted">holds, and an earlier rule has decided</span>;
  return (
    <>
      <span className="font-medium">decides: </span>
      <HostileText text={reason} className="[&_bdi]:whitespace-normal" />
    </>
  );
}
