"use client";

import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { baselineDiffOptions } from "#lib/client/baselines";
import { formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { BaselineDiff, VersionView } from "#lib/contracts/baseline";
import { LAYER_NAMES } from "#lib/domain/baseline-words";
import { Card } from "../ui/card.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Select } from "../ui/select.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";

/** What one version says otherwise than another; which two is in the address. */
export function VersionDiff({
  id,
  versions,
  a,
  b,
}: {
  id: string;
  versions: readonly VersionView[];
  a: number | null;
  b: number | null;
}) {
  const router = useRouter();
  const [newest, before] = versions;
  const left = a ?? before?.version ?? 1;
  const right = b ?? newest?.version ?? 1;
  const diff = useQuery(baselineDiffOptions(id, left, right));
  const options = versions.map(({ version, state }) => ({
    value: `${version}`,
    label: `v${version} (${state})`,
  }));
  const choose = (sides: { a: number; b: number }) =>
    router.replace(paths.baseline(id, sides), { scroll: false });
  return (
    <Card title="Difference of two versions" flush>
      <div className="flex flex-wrap items-center gap-2 px-3 py-2">
        <Select
          aria-label="Version A"
          value={`${left}`}
          options={options}
          onChange={(event) => choose({ a: Number(event.target.value), b: right })}
        />
        <span aria-hidden>→</span>
        <Select
          aria-label="Version B"
          value={`${right}`}
          options={options}
          onChange={(event) => choose({ a: left, b: Number(event.target.value) })}
        />
        {diff.data && (
          <span className="text-small text-muted">
            {diff.data.total === 0 ? "no difference" : formatPlural(diff.data.total, "change")}
          </span>
        )}
      </div>
      {diff.isPending && <SkeletonRows rows={3} label="Comparing the versions" />}
      {diff.error && (
        <ErrorPanel
          title="The versions could not be compared"
          error={diff.error}
          onRetry={() => void diff.refetch()}
        />
      )}
      {diff.data && <Differences diff={diff.data} />}
    </Card>
  );
}

function Differences({ diff: { entries, scope, ignore, tolerances } }: { diff: BaselineDiff }) {
  return (
    <>
      {entries.length > 0 && (
        <TableFrame>
          <Table aria-label="Changed entries">
            <TableHead>
              <tr>
                <TableHeader>Layer</TableHeader>
                <TableHeader>Path</TableHeader>
                <TableHeader>A</TableHeader>
                <TableHeader>B</TableHeader>
              </tr>
            </TableHead>
            <TableBody>
              {entries.map(({ path, layer, a, b }) => (
                <TableRow key={path} className="align-top">
                  <TableCell className="text-small whitespace-nowrap">{LAYER_NAMES[layer]}</TableCell>
                  <TableCell className="font-mono text-small">
                    <HostileText text={path} className="break-all [&_bdi]:whitespace-normal" />
                  </TableCell>
                  <Values values={a} />
                  <Values values={b} />
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </TableFrame>
      )}
      <ul className="flex flex-col gap-1 px-3 py-2 text-small empty:hidden">
        {tolerances.flatMap(({ layer, a, b }) => [
          <li key={`${layer} a`}>
            <span className="text-muted">before: </span>
            {a}
          </li>,
          <li key={`${layer} b`}>
            <span className="text-muted">after: </span>
            {b}
          </li>,
        ])}
        <ListLines name="complete below" change={scope} />
        <ListLines name="not compared" change={ignore} />
      </ul>
    </>
  );
}

function Values({ values }: { values: readonly string[] | null }) {
  return (
    <TableCell className="font-mono text-small">
      {values === null ? (
        <span className="text-muted">not listed</span>
      ) : (
        values.map((value) => (
          <span key={value} className="block">
            <HostileText
              text={value === "" ? "(empty)" : value}
              className="break-all [&_bdi]:whitespace-normal"
            />
          </span>
        ))
      )}
    </TableCell>
  );
}

function ListLines({ name, change: { added, removed } }: { name: string; change: BaselineDiff["scope"] }) {
  const line = (sign: string, word: string, text: string) => (
    <li key={`${sign} ${text}`} className="break-all">
      <span aria-hidden>{sign} </span>
      {word} {name}: <HostileText text={text === "" ? "everything" : text} className="font-mono" />
    </li>
  );
  return (
    <>
      {added.map((text) => line("+", "now", text))}
      {removed.map((text) => line("−", "no longer", text))}
    </>
  );
}
