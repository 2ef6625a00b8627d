"use client";

import { CircleCheck } from "lucide-react";
import { formatCount } from "#lib/client/format";
import { REDUCED_QUERY, withStatuses } from "#lib/client/node-filter";
import { paths } from "#lib/client/paths";
import type { FleetSummary } from "#lib/contracts/fleet";
import type { SourceList } from "#lib/contracts/source";
import { TimeLink } from "../shell/time-travel.tsx";
import { EmptyState } from "../ui/empty-state.tsx";

export type Need = { key: string; count: number; what: string; hint: string; href: string };

/**
 * What asks for a person, most urgent first; kinds with nothing in them are left out.
 *
 * `sources` is `undefined` while they are not known; they then add nothing here.
 */
export function needsOf(summary: FleetSummary, sources: SourceList | undefined): Need[] {
  const silent = sources?.items.filter((source) => source.silent) ?? [];
  const [onlySilent] = silent;
  const weakened = summary.findings.filter(({ kind }) => kind === "weakened");
  const others = summary.findings.filter(({ kind }) => kind === "misconfigured" || kind === "skewed");
  const all: Need[] = [
    {
      key: "failed",
      count: summary.counts.failed,
      what: "failed",
      hint: "Contraindicated by their newest evidence",
      href: paths.nodes({ q: withStatuses("", ["failed"]) }),
    },
    {
      key: "stale",
      count: summary.counts.stale,
      what: "stale",
      hint: "Silent for longer than their source allows",
      href: paths.nodes({ q: withStatuses("", ["stale"]) }),
    },
    {
      key: "never",
      count: summary.neverAttested,
      what: "never attested",
      hint: neverHint(summary),
      href: paths.nodes({ q: withStatuses("", ["pending"]) }),
    },
    {
      key: "alarms",
      count: summary.identityAlarms,
      what: summary.identityAlarms === 1 ? "identity alarm" : "identity alarms",
      hint: "Two parties claim to be one machine",
      href: paths.enrolmentQueue(),
    },
    {
      key: "enrolments",
      count: summary.enrolmentsWaiting,
      what: summary.enrolmentsWaiting === 1 ? "node waits to be let in" : "nodes wait to be let in",
      hint: "Their source asks before a node joins",
      href: paths.enrolmentQueue(),
    },
    {
      key: "overdue",
      count: summary.overdueNodes,
      what: summary.overdueNodes === 1 ? "expected node never enrolled" : "expected nodes never enrolled",
      hint: "Listed or provisioned, and silent since",
      href: paths.enrolmentQueue(),
    },
    {
      key: "silent",
      count: silent.length,
      what: silent.length === 1 ? "silent source" : "silent sources",
      hint: silent.map((source) => source.name).join(", "),
      href: silent.length === 1 && onlySilent ? paths.source(onlySilent.id) : paths.sources(),
    },
    {
      key: "weakened",
      count: new Set(weakened.map(({ sourceId }) => sourceId)).size,
      what: "checking less than before",
      hint: namesOf(weakened),
      href: pageOf(weakened),
    },
    {
      key: "reduced",
      count: summary.trustedReduced,
      what: "trusted on reduced coverage",
      hint: "They pass, but their verifier checks less than before",
      href: paths.nodes({ q: REDUCED_QUERY }),
    },
    {
      key: "settings",
      count: others.length,
      what: others.length === 1 ? "clock or setting that is off" : "clocks or settings that are off",
      hint: namesOf(others),
      href: pageOf(others),
    },
    {
      key: "unattributed",
      count: summary.unattributedFailures,
      what:
        summary.unattributedFailures === 1
          ? "unattributed bootstrap failure"
          : "unattributed bootstrap failures",
      hint: "Failed bootstrap events of no known node, last 24 h",
      href: paths.unattributed(),
    },
    {
      key: "rejected",
      count: summary.rejectedEvents,
      what: summary.rejectedEvents === 1 ? "rejected event" : "distinct rejected events",
      hint: "Refused for their signature, key or form, last 24 h",
      href: paths.sources(),
    },
  ];
  return all.filter((need) => need.count > 0);
}

type Findings = FleetSummary["findings"];

const namesOf = (findings: Findings) => [...new Set(findings.map(({ sourceName }) => sourceName))].join(", ");

/** The page of the one source concerned, else that of all. */
function pageOf(findings: Findings): string {
  const [first, ...more] = new Set(findings.map(({ sourceId }) => sourceId));
  return first !== undefined && more.length === 0 ? paths.source(first) : paths.sources();
}

/** The link leads to all pending nodes; where those are more, the hint says so. */
function neverHint({ neverAttested, counts }: FleetSummary): string {
  const known = "Known, but no verdict has arrived";
  return counts.pending === neverAttested ? known : `${known}; ${formatCount(counts.pending)} pending in all`;
}

/** The list of {@link needsOf}, or the statement that there is nothing to do. */
export function NeedsYou({ needs, sourcesUnknown }: { needs: readonly Need[]; sourcesUnknown: boolean }) {
  if (needs.length === 0 && !sourcesUnknown) {
    return (
      <EmptyState title="All good" icon={<CircleCheck aria-hidden className="size-4 text-muted" />}>
        No failed or stale nodes, no silent or weakened sources, nothing refused in the last 24 hours.
      </EmptyState>
    );
  }
  return (
    <ul>
      {needs.map(({ key, count, what, hint, href }) => (
        <li key={key} className="border-b border-line last:border-b-0">
          <TimeLink href={href} className="flex min-h-12 items-center gap-3 px-3 py-1.5 hover:bg-hover">
            <span className="min-w-8 text-right text-title font-semibold">{formatCount(count)}</span>
            <span className="min-w-0">
              <span className="block">{what}</span>
              <span className="block truncate text-small text-muted">{hint}</span>
            </span>
          </TimeLink>
        </li>
      ))}
      {sourcesUnknown && (
        <li className="px-3 py-2 text-small text-muted">
          The sources did not answer: whether one is silent is not known.
        </li>
      )}
    </ul>
  );
}
