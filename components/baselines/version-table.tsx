"use client";

import { formatCount, formatPlural, middleEllipsis } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { BaselineView, VersionView } from "#lib/contracts/baseline";
import { TimeLink } from "../shell/time-travel.tsx";
import { Card } from "../ui/card.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { Coverage, Match, VersionState } from "./baseline-parts.tsx";

/** All versions, the newest first; what each says opens in place. */
export function VersionTable({ baseline: { id, versions } }: { baseline: BaselineView }) {
  return (
    <Card title="Versions" flush>
      <ul aria-label="Versions">
        {versions.map((version, index) => (
          <li key={version.version} className="border-b border-line last:border-b-0">
            <Version id={id} version={version} before={versions[index + 1]?.version ?? null} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Version({ id, version, before }: { id: string; version: VersionView; before: number | null }) {
  const { version: number, author, createdAt, standing, targetNodes, note } = version;
  return (
    <details className="group">
      <summary className="flex min-h-11 cursor-pointer flex-wrap items-center gap-x-3 gap-y-0.5 px-3 py-1.5 text-data hover:bg-hover">
        <span className="font-medium">v{number}</span>
        <VersionState version={version} />
        <span className="text-small text-muted">
          <Timestamp iso={createdAt} /> {author !== null && <>by {author}</>}
        </span>
        <span className="text-small text-muted">
          {formatCount(targetNodes)} {targetNodes === 1 ? "node" : "nodes"} should be this
        </span>
        <span className="ml-auto text-small max-md:ml-0">
          <span className="text-muted">match </span>
          <Match standing={standing} />
        </span>
      </summary>
      <div className="flex flex-col gap-2 border-t border-line bg-sunken px-3 py-2 text-data">
        {note !== "" && (
          <p>
            <HostileText text={note} className="[&_bdi]:whitespace-normal" />
          </p>
        )}
        <p className="text-muted">
          <HostileText text={version.originSentence} className="[&_bdi]:whitespace-normal" />{" "}
          {formatPlural(version.entries, "entry", "entries")}.{" "}
          <HostileText text={version.scopeSentence} className="[&_bdi]:whitespace-normal" />
        </p>
        <p>
          <span className="text-muted">If it held for all: coverage </span>
          <Coverage standing={standing} />
          <span className="text-muted">, match </span>
          <Match standing={standing} />
        </p>
        <ul className="list-disc pl-5 text-small" aria-label={`Tolerances of v${number}`}>
          {version.toleranceSentences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
        {version.ignore.length > 0 && (
          <p className="text-small break-all">
            <span className="text-muted">Not compared: </span>
            <HostileText text={version.ignore.join(", ")} className="font-mono [&_bdi]:whitespace-normal" />
          </p>
        )}
        <Signature version={version} />
        <p className="flex flex-wrap gap-x-4">
          {before !== null && (
            <TimeLink
              href={paths.baseline(id, { a: before, b: number })}
              className="link touch inline-flex items-center"
            >
              Compare with v{before}
            </TimeLink>
          )}
          <a
            href={paths.api.baselineVersion(id, number)}
            className="link touch inline-flex items-center"
            target="_blank"
            rel="noreferrer"
          >
            Content and envelope as JSON
          </a>
        </p>
      </div>
    </details>
  );
}

function Signature({ version: { signature, digest } }: { version: VersionView }) {
  return (
    <p className="flex flex-wrap items-center gap-x-1 text-small">
      <span className="text-muted">Content </span>
      <code className="font-mono">{middleEllipsis(digest, 20)}</code>
      <CopyButton value={digest} label="Copy the digest of the content" />
      {signature.state === "unsigned" && (
        <span className="text-muted">not signed: nobody agreed on it yet</span>
      )}
      {signature.state === "tampered" && <span className="text-danger">{signature.detail}</span>}
      {signature.state === "sound" && (
        <span>
          approved by {signature.approver ?? "an account that is gone"}{" "}
          <Timestamp iso={signature.approvedAt} absolute /> (
          <TimeLink href={paths.change(signature.changeRequestId)} className="link">
            decision
          </TimeLink>
          )
        </span>
      )}
    </p>
  );
}
