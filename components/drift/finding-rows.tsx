"use client";

import { CHANGE_ROW } from "#components/compare/change-groups";
import { TimeLink } from "#components/shell/time-travel";
import { Badge } from "#components/ui/badge";
import { HostileText } from "#components/ui/hostile-text";
import { Timestamp } from "#components/ui/timestamp";
import { formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { DriftFindingView } from "#lib/contracts/drift";
import { CLASS_LABEL } from "./drift-words.ts";

/** The differences of one layer: what was expected, what is there, what that is and why. */
export function FindingRows({ title, findings }: { title: string; findings: readonly DriftFindingView[] }) {
  return (
    <div className="border-b border-line last:border-b-0">
      <h3 className="label bg-sunken px-3 py-1.5">{title}</h3>
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
            <FindingRow key={`${finding.baselineId} ${finding.path}`} finding={finding} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const EFFECT_WORDS: Readonly<Record<DriftFindingView["effect"], string>> = {
  fail: "fails the node",
  degrade: "degrades the node",
  note: "changes nothing",
};

function FindingRow({ finding }: { finding: DriftFindingView }) {
  const { path, expected, actual, class: cls, why, effect, since, otherNodes, window } = finding;
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
