"use client";

import { useMemo } from "react";
import type { DiffMode } from "#components/compare/diff-mode";
import { RawDiff } from "#components/compare/raw-diff";
import { TimeLink } from "#components/shell/time-travel";
import { Badge } from "#components/ui/badge";
import { HostileText } from "#components/ui/hostile-text";
import { Timestamp } from "#components/ui/timestamp";
import { formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { RawChange } from "#lib/client/raw-diff";
import type { DriftFindingView, FindingView } from "#lib/contracts/drift";
import { CHANGE_ROW } from "../compare/change-row.ts";
import { CLASS_LABEL } from "./drift-words.ts";

/** A finding; how long and where else is known of recorded ones only. */
type Finding = FindingView &
  Partial<Pick<DriftFindingView, "since" | "otherNodes" | "logEventHash" | "window">>;

/** The differences of one layer: what was expected, what is there, what that is and why; or as lines of text. */
export function FindingRows({
  title,
  findings,
  mode,
  nodeId,
}: {
  title: string;
  findings: readonly Finding[];
  mode: DiffMode;
  /** Whose evidence explains a register; absent = no explanation is offered. */
  nodeId?: string | undefined;
}) {
  const raw = useMemo(() => findings.map(rawChange), [findings]);
  return (
    <div className="border-b border-line last:border-b-0">
      <h3 className="label bg-sunken px-3 py-1.5">{title}</h3>
      {mode === "grouped" ? (
        <FindingTable title={title} findings={findings} nodeId={nodeId} />
      ) : (
        <RawDiff changes={raw} mode={mode} sides={["Expected", "Actual"]} />
      )}
    </div>
  );
}

/** Each accepted value on a line of its own. */
const rawChange = ({ path, kind, expected, actual }: Finding): RawChange => ({
  path,
  kind,
  a: expected,
  b: actual === null ? [] : [actual],
});

type Table = { title: string; findings: readonly Finding[]; nodeId: string | undefined };

function FindingTable({ title, findings, nodeId }: Table) {
  return (
    <table className="w-full table-fixed text-left text-small max-md:block">
      <caption className="sr-only">{title}</caption>
      <thead className="sr-only">
        <tr>
          <th scope="col">Path</th>
          <th scope="col">Expected</th>
          <th scope="col">Actual</th>
          <th scope="col">Class</th>
        </tr>
      </thead>
      <tbody className="max-md:block">
        {findings.map((finding) => (
          <FindingRow key={`${finding.baselineId} ${finding.path}`} finding={finding} nodeId={nodeId} />
        ))}
      </tbody>
    </table>
  );
}

const EFFECT_WORDS: Readonly<Record<DriftFindingView["effect"], string>> = {
  fail: "fails the node",
  degrade: "degrades the node",
  note: "changes nothing",
};

function FindingRow({ finding, nodeId }: { finding: Finding; nodeId: string | undefined }) {
  const { path, expected, actual, class: cls, why, effect, since, otherNodes = 0 } = finding;
  const { logEventHash, window } = finding;
  return (
    <tr
      tabIndex={-1}
      {...{ [CHANGE_ROW]: "" }}
      className="border-b border-line align-top last:border-b-0 focus:bg-selected focus-visible:outline-offset-[-2px] max-md:block max-md:py-1"
    >
      <th scope="row" className="w-[26%] px-3 py-1.5 font-mono font-normal max-md:block max-md:w-auto">
        <HostileText text={path} className="break-all [&_bdi]:whitespace-normal" />
      </th>
      <Values label="Expected" values={expected} none="nothing is expected here" />
      <Values label="Actual" values={actual === null ? [] : [actual]} none="not there" />
      <td className="w-[34%] px-3 py-1.5 max-md:block max-md:w-auto">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <Badge
            tone={cls === "malicious_like" ? "danger" : cls === "unexplained" ? "warn" : "neutral"}
            title={`Rule ${finding.rule}`}
          >
            {CLASS_LABEL[cls]}
          </Badge>
          <span>{EFFECT_WORDS[effect]}</span>
          {since === undefined && <span className="text-muted">rule {finding.rule}</span>}
        </p>
        {window ? (
          <p className="mt-1 break-words">
            changed in the maintenance window{" "}
            <TimeLink href={paths.maintenance({ window: window.id })} className="link touch">
              <HostileText text={window.name} max={80} className="[&_bdi]:whitespace-normal" />
            </TimeLink>{" "}
            until <Timestamp iso={window.until} absolute />
          </p>
        ) : (
          <p className="mt-1 text-muted">
            <HostileText text={why} max={300} className="[&_bdi]:whitespace-normal" />
          </p>
        )}
        {since !== undefined && (
          <p className="mt-1 text-muted">
            since <Timestamp iso={since} />
            {otherNodes > 0 && (
              <>
                , also on{" "}
                <TimeLink href={paths.drift({ q: path.replace(/\s+/g, " ") })} className="link touch">
                  {formatPlural(otherNodes, "other node")}
                </TimeLink>
              </>
            )}
          </p>
        )}
        {logEventHash && nodeId && (
          <p className="mt-1">
            <TimeLink
              href={paths.nodeEvidence(nodeId, { event: logEventHash, log: "compared" })}
              className="link touch"
            >
              Which event changed
            </TimeLink>
          </p>
        )}
      </td>
    </tr>
  );
}

/** One value, or several of which any would do. On a phone they stand under the path with their name. */
function Values({ label, values, none }: { label: string; values: readonly string[]; none: string }) {
  return (
    <td className="px-3 py-1.5 font-mono max-md:block">
      <span aria-hidden className="label mr-2 md:hidden">
        {label}
      </span>
      {values.length === 0 ? (
        <span className="font-sans text-muted">{none}</span>
      ) : (
        values.map((value, index) => (
          <span key={value} className="block">
            {index > 0 && <span className="font-sans text-muted">or </span>}
            {value === "" ? (
              <span className="font-sans text-muted">empty</span>
            ) : (
              <HostileText text={value} className="break-all [&_bdi]:whitespace-normal" />
            )}
          </span>
        ))
      )}
    </td>
  );
}
