"use client";

import { useRouter } from "next/navigation";
import { middleEllipsis } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { ActivationView, PolicyVersionView } from "#lib/contracts/policy";
import { TimeLink } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { Card } from "../ui/card.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Select } from "../ui/select.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { usePolicy } from "./policy-frame.tsx";
import { PolicyText } from "./policy-text.tsx";
import { partWords, STAGE_MEANING, STAGE_TONE } from "./policy-words.ts";
import { TextDiff } from "./text-diff.tsx";

/** Every version with who wrote it, what changed between two, and when each was in which stage. */
export function PolicyVersionsPage({ name, a, b }: { name: string; a: number | null; b: number | null }) {
  const policy = usePolicy(name);
  if (!policy) return null;
  const { versions, activations } = policy;
  return (
    <div className="flex flex-col gap-3">
      <Card title="Versions" flush>
        <ul aria-label="Versions">
          {versions.map((version, index) => (
            <li key={version.version} className="border-b border-line last:border-b-0">
              <Version name={name} version={version} before={versions[index + 1]?.version} />
            </li>
          ))}
        </ul>
      </Card>
      {versions.length > 1 && <Difference name={name} versions={versions} a={a} b={b} />}
      <Stages activations={activations} />
    </div>
  );
}

function Version({
  name,
  version: { version, stage, note, author, createdAt, digest, text },
  before,
}: {
  name: string;
  version: PolicyVersionView;
  before: number | undefined;
}) {
  return (
    <details className="group">
      <summary className="flex min-h-11 cursor-pointer flex-wrap items-center gap-x-3 gap-y-0.5 px-3 py-1.5 text-data hover:bg-hover">
        <span className="font-medium">v{version}</span>
        <Badge tone={STAGE_TONE[stage]} title={STAGE_MEANING[stage]}>
          {stage}
        </Badge>
        <span className="text-small text-muted">
          <Timestamp iso={createdAt} /> {author !== null && <>by {author}</>}
        </span>
        {note !== "" && <HostileText text={note} max={100} className="text-small" />}
      </summary>
      <div className="flex flex-col gap-2 border-t border-line bg-sunken px-3 py-2 text-data">
        <p className="flex flex-wrap items-center gap-x-1 text-small">
          <span className="text-muted">SHA-256 of the text </span>
          <code className="font-mono">{middleEllipsis(digest, 20)}</code>
          <CopyButton value={digest} label={`Copy the digest of v${version}`} />
        </p>
        <PolicyText label={`Text of v${version}`} text={text} />
        <p className="flex flex-wrap gap-x-4">
          {before !== undefined && (
            <TimeLink
              href={paths.policy(name, "versions", { a: before, b: version })}
              className="link touch inline-flex items-center"
            >
              Compare with v{before}
            </TimeLink>
          )}
          <TimeLink
            href={paths.policy(name, "edit", { version })}
            className="link touch inline-flex items-center"
          >
            Begin a draft with it
          </TimeLink>
          <TimeLink
            href={paths.policy(name, "impact", { version })}
            className="link touch inline-flex items-center"
          >
            Impact
          </TimeLink>
        </p>
      </div>
    </details>
  );
}

function Difference({
  name,
  versions,
  a,
  b,
}: {
  name: string;
  versions: readonly PolicyVersionView[];
  a: number | null;
  b: number | null;
}) {
  const router = useRouter();
  const known = (version: number | null) => versions.find((one) => one.version === version);
  const left = known(a) ?? versions[1];
  const right = known(b) ?? versions[0];
  if (!left || !right) return null;
  const options = versions.map(({ version, stage }) => ({
    value: `${version}`,
    label: `v${version} (${stage})`,
  }));
  const choose = (sides: { a: number; b: number }) =>
    router.replace(paths.policy(name, "versions", sides), { scroll: false });
  return (
    <Card title="Difference of two versions" flush>
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-3 py-2">
        <Select
          aria-label="Version A"
          value={`${left.version}`}
          options={options}
          onChange={(event) => choose({ a: Number(event.target.value), b: right.version })}
        />
        <span aria-hidden>→</span>
        <Select
          aria-label="Version B"
          value={`${right.version}`}
          options={options}
          onChange={(event) => choose({ a: left.version, b: Number(event.target.value) })}
        />
      </div>
      <TextDiff a={left.text} b={right.text} label={`From v${left.version} to v${right.version}`} />
    </Card>
  );
}

/** When which version was in which stage, for whom, and who agreed. */
function Stages({ activations }: { activations: readonly ActivationView[] }) {
  return (
    <Card title="Stages of all times" flush>
      {activations.length === 0 ? (
        <p className="px-3 py-2 text-data text-muted">No version was in shadow or enforced yet.</p>
      ) : (
        <TableFrame>
          <Table aria-label="Stages of all times">
            <TableHead>
              <tr>
                <TableHeader>Version</TableHeader>
                <TableHeader>Stage</TableHeader>
                <TableHeader>For</TableHeader>
                <TableHeader>From</TableHeader>
                <TableHeader>To</TableHeader>
                <TableHeader className="max-md:hidden">Decision</TableHeader>
              </tr>
            </TableHead>
            <TableBody>
              {activations.map((one) => (
                <TableRow key={one.id} className={one.to === null ? undefined : "text-muted"}>
                  <TableCell>v{one.version}</TableCell>
                  <TableCell>{one.stage}</TableCell>
                  <TableCell>
                    <HostileText text={partWords(one)} max={60} />
                  </TableCell>
                  <TableCell>
                    <Timestamp iso={one.from} absolute />
                  </TableCell>
                  <TableCell>{one.to === null ? "still" : <Timestamp iso={one.to} absolute />}</TableCell>
                  <TableCell className="max-md:hidden">
                    {one.changeRequestId === null ? (
                      <>by {one.by ?? "somebody"} alone</>
                    ) : (
                      <TimeLink
                        href={paths.change(one.changeRequestId)}
                        className="link touch inline-flex items-center"
                      >
                        Who agreed
                      </TimeLink>
                    )}
                  </TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </TableFrame>
      )}
    </Card>
  );
}
