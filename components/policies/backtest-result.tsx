"use client";

import { useState } from "react";
import { daysBetween, type FiringRow, firingKey, firingName, firingRows } from "#lib/client/firing-rows";
import { formatCount, formatDuration, formatPlural } from "#lib/client/format";
import type { BacktestView } from "#lib/contracts/policy";
import type { TrustStatus } from "#lib/domain/trust-status";
import { FiringChart } from "../charts/firing-chart.tsx";
import { StatusBadge } from "../fleet/status-badge.tsx";
import { Button } from "../ui/button.tsx";
import { Card } from "../ui/card.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";
import { Timestamp } from "../ui/timestamp.tsx";

/** Strips of the chart; the table has every rule. */
const MOST_CHARTED = 12;

/** What would have happened, in the order of what somebody asks: which nodes, by which rules, when, how early. */
export function BacktestResult({ result }: { result: BacktestView }) {
  const { from, to, nodes, states, failing, rules } = result;
  return (
    <div className="flex flex-col gap-3">
      <p role="status" className="text-data">
        Replayed {formatPlural(states, "stored state")} of {formatPlural(nodes, "node")},{" "}
        <Timestamp iso={from} absolute /> to <Timestamp iso={to} absolute />.
      </p>
      <div className="grid items-start gap-3 lg:grid-cols-2">
        <Card title="Nodes that fail in this time">
          <dl className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-1 text-data">
            <Figure name="Would have failed, and did not" value={failing.onlyProposed} strong />
            <Figure name="Failed, and would not have" value={failing.onlyCurrent} strong />
            <Figure name="Fail either way" value={failing.both} />
          </dl>
          <p className="pt-2 text-small text-muted">
            A failed node is what a quarantine is asked for. Who “would not have failed” is what this policy
            would have missed.
          </p>
        </Card>
        <Detection result={result} />
      </div>
      <Firings rules={rules} />
      <FiringsByDay result={result} />
    </div>
  );
}

function Figure({ name, value, strong = false }: { name: string; value: number; strong?: boolean }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className={strong && value > 0 ? "text-right font-semibold" : "text-right"}>
        {formatCount(value)}
      </dd>
    </>
  );
}

/** Only nodes that fail by both can be told apart by time. */
function Detection({ result: { detection, failing } }: { result: BacktestView }) {
  const { earlier, same, later, medianMs } = detection;
  return (
    <Card title="Time to detect">
      {failing.both === 0 || medianMs === null ? (
        <p className="text-data text-muted">
          No node fails by both what decided and this version, so there is nothing to compare.
        </p>
      ) : (
        <>
          <p className="pb-1 text-data font-medium">
            {medianMs === 0
              ? "Half of them are seen at the same instant"
              : `Half of them are seen ${formatDuration(Math.abs(medianMs))} ${medianMs < 0 ? "earlier" : "later"} or more`}
          </p>
          <dl className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-1 text-data">
            <Figure name="Nodes seen earlier" value={earlier} />
            <Figure name="At the same instant" value={same} />
            <Figure name="Nodes seen later" value={later} strong />
          </dl>
        </>
      )}
    </Card>
  );
}

function Firings({ rules }: Pick<BacktestView, "rules">) {
  return (
    <Card title="What would have fired" flush>
      {rules.length === 0 ? (
        <p className="px-3 py-2 text-data text-muted">
          Nothing was stored about any of these nodes in this time.
        </p>
      ) : (
        <TableFrame>
          <Table aria-label="What would have fired">
            <TableHead>
              <tr>
                <TableHeader>Rule</TableHeader>
                <TableHeader className="max-md:hidden">Policy</TableHeader>
                <TableHeader className="max-md:hidden">Status</TableHeader>
                <TableHeader numeric>Fired</TableHeader>
                <TableHeader numeric>Nodes</TableHeader>
                <TableHeader numeric>
                  <abbr
                    title="Firings against which a person’s exception stood: as far as people have said so, false positives"
                    className="no-underline"
                  >
                    False positives
                  </abbr>
                </TableHeader>
              </tr>
            </TableHead>
            <TableBody>
              {rules.map(({ policyVersion, ruleId, status, fired, nodes, exempted }) => (
                <TableRow key={firingKey({ policyVersion, ruleId })}>
                  <TableCell className="font-mono text-small break-all">
                    {ruleId}
                    <span className="block text-muted md:hidden">{policyVersion}</span>
                  </TableCell>
                  <TableCell className="font-mono text-small break-all max-md:hidden">
                    {policyVersion}
                  </TableCell>
                  <TableCell className="max-md:hidden">
                    <StatusBadge status={status as TrustStatus} size="sm" />
                  </TableCell>
                  <TableCell numeric>{formatCount(fired)}</TableCell>
                  <TableCell numeric>{formatCount(nodes)}</TableCell>
                  <TableCell numeric>{formatCount(exempted)}</TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </TableFrame>
      )}
      <p className="px-3 py-2 text-small text-muted">
        False positives are firings against which an exception of a person stood. Firings that nobody has
        judged are not among them.
      </p>
    </Card>
  );
}

function FiringsByDay({ result: { from, to, rules } }: { result: BacktestView }) {
  const [asTable, setAsTable] = useState(false);
  const days = daysBetween(from, to);
  const charted = rules.slice(0, MOST_CHARTED);
  if (rules.length === 0) return null;
  return (
    <Card
      title="By day (UTC)"
      actions={
        <Button size="sm" variant="ghost" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? "Show as chart" : "Show as table"}
        </Button>
      }
    >
      {asTable ? (
        <DayTable rows={firingRows(rules, days)} rules={rules} />
      ) : (
        <figure aria-label="Firings per rule and day. The same figures are available as a table.">
          <div aria-hidden>
            <FiringChart
              rows={firingRows(charted, days)}
              series={charted.map((rule) => ({
                key: firingKey(rule),
                label: firingName(rule, rules),
                color: `var(--status-${rule.status})`,
              }))}
            />
          </div>
        </figure>
      )}
      {rules.length > charted.length && !asTable && (
        <p className="pt-2 text-small text-muted">
          The {charted.length} rules that fired most; the table has all {rules.length}.
        </p>
      )}
    </Card>
  );
}

function DayTable({ rows, rules }: { rows: readonly FiringRow[] } & Pick<BacktestView, "rules">) {
  const some = rows.filter(({ values }) => Object.values(values).some((fired) => fired > 0)).reverse();
  return (
    <TableFrame tabIndex={0} className="max-h-[320px] overflow-y-auto">
      <Table aria-label="Firings per rule and day">
        <TableHead className="sticky top-0">
          <tr>
            <TableHeader>Day</TableHeader>
            {rules.map((rule) => (
              <TableHeader key={firingKey(rule)} numeric>
                {firingName(rule, rules)}
              </TableHeader>
            ))}
          </tr>
        </TableHead>
        <TableBody>
          {some.map(({ day, values }) => (
            <TableRow key={day}>
              <TableCell className="whitespace-nowrap">{day}</TableCell>
              {rules.map((rule) => (
                <TableCell key={firingKey(rule)} numeric>
                  {formatCount(values[firingKey(rule)] ?? 0)}
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableFrame>
  );
}
