"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { baselineKeys, baselineOptions, discardDraft } from "#lib/client/baselines";
import { paths } from "#lib/client/paths";
import type { BaselineView, RolloutView } from "#lib/contracts/baseline";
import { ActivityTabs } from "../audit/activity-tab.tsx";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { TimeLink } from "../shell/time-travel.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Badge } from "../ui/badge.tsx";
import { Card } from "../ui/card.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";
import { Coverage, LaneWords, Match } from "./baseline-parts.tsx";
import { VersionDiff } from "./version-diff.tsx";
import { VersionTable } from "./version-table.tsx";

/** One baseline: what it says, since when, signed by whom, and how much of the fleet is like that. */
export function BaselinePage({ id, a, b }: { id: string; a: number | null; b: number | null }) {
  const { data, error, refetch } = useQuery(baselineOptions(id));
  if (!data && error) {
    return (
      <>
        <PageHeader title="Baseline" crumbs={[{ href: paths.baselines(), label: "Baselines" }]} />
        <ErrorPanel title="The baseline could not be loaded" error={error} onRetry={() => void refetch()} />
      </>
    );
  }
  if (!data) return <SkeletonRows rows={8} label="Loading the baseline" />;
  return <Baseline baseline={data} a={a} b={b} />;
}

function Baseline({ baseline, a, b }: { baseline: BaselineView; a: number | null; b: number | null }) {
  const { id, name, description, selectorWords, lane, current, standing, tampered, versions } = baseline;
  return (
    <div className="flex flex-col gap-3 pb-6">
      <PageHeader
        title={<HostileText text={name} max={80} />}
        crumbs={[{ href: paths.baselines(), label: "Baselines" }]}
        actions={<Actions baseline={baseline} />}
      />
      <ActivityTabs label="Baseline" overview={paths.baseline(id)} activity={paths.baselineActivity(id)} />
      {tampered.length > 0 && (
        <p role="alert" className="rounded-[4px] border border-danger px-3 py-2 text-data text-danger">
          Version {tampered.join(", ")} was changed in the database after it was signed. It is not applied to
          any node.
        </p>
      )}
      {description !== "" && (
        <p className="max-w-[80ch] text-data">
          <HostileText text={description} className="[&_bdi]:whitespace-normal" />
        </p>
      )}
      <Card title="What holds now">
        <dl className="grid grid-cols-[minmax(0,1fr)_minmax(0,3fr)] gap-x-3 gap-y-1 text-data">
          <dt className="text-muted">For</dt>
          <dd>
            <HostileText text={selectorWords} className="break-words [&_bdi]:whitespace-normal" />
          </dd>
          <dt className="text-muted">Lane</dt>
          <dd>
            <LaneWords lane={lane} />
          </dd>
          <dt className="text-muted">Version</dt>
          <dd>{current === null ? "none is rolled out" : `v${current}`}</dd>
          <dt className="text-muted">Coverage</dt>
          <dd>
            <Coverage standing={standing} />
          </dd>
          <dt className="text-muted">Match</dt>
          <dd>
            <Match standing={standing} />
          </dd>
        </dl>
      </Card>
      <VersionTable baseline={baseline} />
      <Rollouts rollouts={baseline.rollouts} />
      {versions.length > 1 && <VersionDiff id={id} versions={versions} a={a} b={b} />}
    </div>
  );
}

/** What can be done next. Everything that changes what holds leads to a change request. */
function Actions({ baseline }: { baseline: BaselineView }) {
  const { id, draft, versions, active } = baseline;
  const router = useRouter();
  const queryClient = useQueryClient();
  const mayDraft = useDisabledReason("baseline:draft");
  const mayPropose = useDisabledReason("change:propose");
  const published = versions.find(({ state }) => state === "published");
  const discard = useMutation({
    mutationFn: (version: number) => discardDraft(id, version),
    onSuccess: async (_, version) => {
      await queryClient.invalidateQueries({ queryKey: baselineKeys.all });
      announceDone({ title: `Draft v${version} discarded` });
    },
  });
  const open = (action: "publish" | "rollout" | "rollback", version?: number) =>
    router.push(paths.baselineChange(id, action, { version }));
  return (
    <>
      {discard.error && <FormProblem error={discard.error} />}
      <GuardedButton
        reason={mayDraft}
        onClick={() => router.push(paths.baselineDraft(id, { from: versions[0]?.version }))}
      >
        {draft === null ? "New draft" : "Edit draft"}
      </GuardedButton>
      {draft !== null && (
        <>
          <GuardedButton reason={mayDraft} pending={discard.isPending} onClick={() => discard.mutate(draft)}>
            Discard draft
          </GuardedButton>
          <GuardedButton variant="primary" reason={mayPropose} onClick={() => open("publish", draft)}>
            Publish v{draft}
          </GuardedButton>
        </>
      )}
      {published && (
        <GuardedButton reason={mayPropose} onClick={() => open("rollout", published.version)}>
          Roll out
        </GuardedButton>
      )}
      {active.length > 0 && (
        <GuardedButton reason={mayPropose} onClick={() => open("rollback")}>
          Roll back
        </GuardedButton>
      )}
    </>
  );
}

const STATE_WORDS: Readonly<Record<RolloutView["state"], string>> = {
  upcoming: "begins later",
  active: "in force",
  ended: "over",
};

/** Which version held for whom, and when; in order of time. */
function Rollouts({ rollouts }: { rollouts: readonly RolloutView[] }) {
  return (
    <Card title="Rollouts" flush>
      {rollouts.length === 0 ? (
        <p className="px-3 py-2 text-data text-muted">
          Nothing was rolled out yet: no node is compared with this baseline.
        </p>
      ) : (
        <TableFrame>
          <Table aria-label="Rollouts">
            <TableHead>
              <tr>
                <TableHeader>Version</TableHeader>
                <TableHeader>For</TableHeader>
                <TableHeader>From</TableHeader>
                <TableHeader>To</TableHeader>
                <TableHeader className="max-md:hidden">State</TableHeader>
                <TableHeader className="max-md:hidden">Decision</TableHeader>
              </tr>
            </TableHead>
            <TableBody>
              {rollouts.map((rollout) => (
                <RolloutRow key={rollout.id} rollout={rollout} />
              ))}
            </TableBody>
          </Table>
        </TableFrame>
      )}
    </Card>
  );
}

function RolloutRow({ rollout }: { rollout: RolloutView }) {
  const { version, part, percent, selector, selectorWords, from, to, state, changeRequestId } = rollout;
  return (
    <TableRow className={state === "ended" ? "text-muted" : undefined}>
      <TableCell className="whitespace-nowrap">
        v{version} {part === "accepted" && <Badge>accepted</Badge>}
      </TableCell>
      <TableCell>
        <span className="whitespace-nowrap">{percent} %</span>{" "}
        {selector !== "" && <HostileText text={selectorWords} max={60} className="text-small text-muted" />}
      </TableCell>
      <TableCell>
        <Timestamp iso={from} absolute />
      </TableCell>
      <TableCell>{to === null ? "no end" : <Timestamp iso={to} absolute />}</TableCell>
      <TableCell className="max-md:hidden">{STATE_WORDS[state]}</TableCell>
      <TableCell className="max-md:hidden">
        {changeRequestId === null ? (
          "none"
        ) : (
          <TimeLink href={paths.change(changeRequestId)} className="link touch inline-flex items-center">
            Who agreed
          </TimeLink>
        )}
      </TableCell>
    </TableRow>
  );
}
