"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { displayText, formatDuration, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";

import { drillsOptions } from "#lib/client/remediations";
import type { DrillBook } from "#lib/contracts/drill";
import { recipeById } from "#lib/domain/recipe";
import { ACTION_RUNBOOKS, DRILL_RUNBOOK } from "#lib/domain/runbook";
import { TimeLink } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { Card } from "../ui/card.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";
import { Timestamp } from "../ui/timestamp.tsx";

type Entry = DrillBook["recipes"][number];
type Drill = NonNullable<Entry["drill"]>;
type RealDrill = NonNullable<Entry["realDrill"]>;

/** Sacrificial nodes, and every recipe with its last rehearsal, step by step, and whether it is due. */
export function DrillsPage() {
  const { data, error, refetch } = useQuery(drillsOptions());
  const due = data?.recipes.filter((entry) => entry.due).length ?? 0;
  return (
    <>
      <PageHeader
        crumbs={[{ href: paths.remediations(), label: "Remediations" }]}
        title="Drills"
        meta={
          data && (due === 0 ? "no recipe is due" : `${formatPlural(due, "recipe is", "recipes are")} due`)
        }
      />
      <p className="max-w-[80ch] py-3 text-muted">
        A rehearsal makes every check and previews every step on the live systems, and does nothing to any
        node. Nobody has to agree to it. To begin one,{" "}
        <TimeLink href={paths.nodes()} className="link touch">
          open a node
        </TimeLink>
        , choose the action and then Rehearse. A drill for real does everything, on a node that is marked as
        sacrificial, and is agreed to like any other request:{" "}
        <Link href={paths.runbook(DRILL_RUNBOOK)} className="link touch">
          how to drill
        </Link>
        .
      </p>
      {data ? (
        <div className="flex max-w-[900px] flex-col gap-3 pb-6">
          <Marks marks={data.marks} />
          {data.recipes.map((entry) => (
            <RecipeDrills key={entry.recipe} entry={entry} dueAfterDays={data.dueAfterDays} />
          ))}
        </div>
      ) : error ? (
        <ErrorPanel title="The drills could not be loaded" error={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={6} label="Loading drills" />
      )}
    </>
  );
}

/** Nodes on which recipes may be drilled for real now. */
function Marks({ marks }: { marks: DrillBook["marks"] }) {
  return (
    <Card title="Sacrificial nodes">
      {marks.length === 0 ? (
        <p className="text-data text-muted">No node is marked as sacrificial.</p>
      ) : (
        <ul aria-label="Sacrificial nodes" className="flex flex-col gap-1 text-data">
          {marks.map(({ nodeId, nodeName, reason, by, until }) => (
            <li key={nodeId} className="break-words">
              <TimeLink href={paths.node(nodeId)} className="link touch">
                {displayText(nodeName).text}
              </TimeLink>{" "}
              until <Timestamp iso={until} absolute />, by {displayText(by).text}: {displayText(reason).text}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function RecipeDrills({ entry, dueAfterDays }: { entry: Entry; dueAfterDays: number }) {
  const { recipe, action, drill, realDrill, real, due } = entry;
  const untried = drill === null && realDrill === null && real === null;
  const found = recipeById(recipe);
  return (
    <Card
      title={found?.title ?? recipe}
      actions={<Badge tone={due ? "warn" : "neutral"}>{due ? "due" : "rehearsed"}</Badge>}
    >
      <div className="flex flex-col gap-1 text-data">
        <p>
          {found?.about}{" "}
          <Link href={paths.runbook(ACTION_RUNBOOKS[action])} className="link touch">
            Runbook
          </Link>
        </p>
        {untried ? (
          <p className="text-warn-fg">It was never rehearsed, drilled or needed.</p>
        ) : (
          <Tried entry={entry} dueAfterDays={dueAfterDays} />
        )}
      </div>
    </Card>
  );
}

/** When a recipe was tried, each way, and what came of it. */
function Tried({ entry, dueAfterDays }: { entry: Entry; dueAfterDays: number }) {
  const { version, drill, realDrill, drilledAt, drillDue, real, dueAt, due } = entry;
  return (
    <>
      <p className={due ? "text-warn-fg" : "text-muted"}>
        {dueAt === null ? (
          "It never succeeded, neither rehearsed nor for real."
        ) : (
          <>
            {due ? "Due since " : "Due again "}
            <Timestamp iso={dueAt} absolute />, {dueAfterDays} days after it last succeeded.
          </>
        )}
      </p>
      {drill === null ? <p>It was never rehearsed.</p> : <LastDrill drill={drill} version={version} />}
      <p className={drillDue ? "text-warn-fg" : "text-muted"}>
        {drilledAt === null ? (
          "No drill for real ever succeeded."
        ) : (
          <>
            Last drilled <Timestamp iso={drilledAt} absolute />
            {drillDue && `, more than ${dueAfterDays} days ago`}.
          </>
        )}
      </p>
      {realDrill !== null && <LastRealDrill drill={realDrill} version={version} />}
      {real === null ? (
        <p className="text-muted">It was never carried out because it was needed.</p>
      ) : (
        <p className="break-words text-muted">
          Last carried out because it was needed <Timestamp iso={real.endedAt} absolute />:{" "}
          {real.state.replaceAll("_", " ")}.{" "}
          <TimeLink href={paths.remediation(real.requestId)} className="link touch">
            Request
          </TimeLink>
        </p>
      )}
    </>
  );
}

/** What came of the drill that began last, also while it goes on. */
function LastRealDrill({ drill, version }: { drill: RealDrill; version: number }) {
  const { startedAt, endedAt, state, outcome, requestedBy, nodes, steps, requestId, recipeVersion } = drill;
  const names = nodes.names.map((name) => displayText(name).text).join(", ");
  return (
    <>
      <p className="break-words">
        Drilled <Timestamp iso={startedAt} absolute />
        {requestedBy !== null && ` by ${displayText(requestedBy).text}`} on {names}:{" "}
        {state === "succeeded"
          ? "passed"
          : endedAt === null
            ? state.replaceAll("_", " ")
            : `failed, ${state}`}
        {endedAt !== null && `, in ${formatDuration(Date.parse(endedAt) - Date.parse(startedAt))}`}.{" "}
        <TimeLink href={paths.remediation(requestId)} className="link touch">
          Record
        </TimeLink>
      </p>
      {outcome !== null && <p className="break-words text-warn-fg">{displayText(outcome).text}</p>}
      {recipeVersion !== version && (
        <p className="text-warn-fg">
          That was version {recipeVersion} of the recipe; version {version} was not drilled.
        </p>
      )}
      <Steps steps={steps} label="Steps of the last drill" resultOf={doneWords} />
    </>
  );
}

function doneWords({ state, problem, observed }: Drill["steps"][number]): string {
  if (problem !== null) return `${state.replaceAll("_", " ")}: ${displayText(problem).text}`;
  return observed === null ? state.replaceAll("_", " ") : `${state}: ${displayText(observed).text}`;
}

function LastDrill({ drill, version }: { drill: Drill; version: number }) {
  const { startedAt, endedAt, state, outcome, requestedBy, nodes, steps } = drill;
  const names = nodes.names.map((name) => displayText(name).text).join(", ");
  const more = nodes.total - nodes.names.length;
  return (
    <>
      <p className="break-words">
        Last rehearsed <Timestamp iso={endedAt} absolute />
        {requestedBy !== null && ` by ${displayText(requestedBy).text}`} on {names}
        {more > 0 && ` and ${more} more`}: {state === "succeeded" ? "every step could be done" : "it failed"},
        in {formatDuration(Date.parse(endedAt) - Date.parse(startedAt))}.{" "}
        <TimeLink href={paths.remediation(drill.requestId)} className="link touch">
          Record
        </TimeLink>
      </p>
      {outcome !== null && <p className="break-words text-warn-fg">{displayText(outcome).text}</p>}
      {drill.recipeVersion !== version && (
        <p className="text-warn-fg">
          That was version {drill.recipeVersion} of the recipe; version {version} was not rehearsed.
        </p>
      )}
      <Steps steps={steps} label="Steps of the last rehearsal" resultOf={resultWords} />
    </>
  );
}

function resultWords({ state, problem }: Drill["steps"][number]): string {
  if (problem !== null) return `could not be done: ${displayText(problem).text}`;
  return state === "skipped" ? "could be done" : state.replaceAll("_", " ");
}

function Steps({
  steps,
  label,
  resultOf,
}: {
  steps: Drill["steps"];
  label: string;
  resultOf: (step: Drill["steps"][number]) => string;
}) {
  return (
    <details className="text-small">
      <summary className="touch inline-flex cursor-pointer items-center">
        {formatPlural(steps.length, "step")}
      </summary>
      <TableFrame>
        <Table aria-label={label}>
          <TableHead>
            <tr>
              <TableHeader>Node</TableHeader>
              <TableHeader>Step</TableHeader>
              <TableHeader>Result</TableHeader>
              <TableHeader>Begun</TableHeader>
              <TableHeader numeric>Took</TableHeader>
            </tr>
          </TableHead>
          <TableBody>
            {steps.map((step, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: steps are shown in their order and never move
              <TableRow key={index}>
                <TableCell className="break-all">{displayText(step.nodeName).text}</TableCell>
                <TableCell>
                  {step.connectorKind} {step.verb.replaceAll("_", " ")}
                </TableCell>
                <TableCell className="break-words">{resultOf(step)}</TableCell>
                <TableCell>
                  {step.startedAt === null ? "–" : <Timestamp iso={step.startedAt} absolute />}
                </TableCell>
                <TableCell numeric>
                  {step.durationMs === null ? "not come to" : formatDuration(step.durationMs)}
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </TableFrame>
    </details>
  );
}
