"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { baselineOptions } from "#lib/client/baselines";
import { changeKeys, changePreviewOptions, proposeChange } from "#lib/client/changes";
import { paths } from "#lib/client/paths";
import type { BaselineView } from "#lib/contracts/baseline";
import { CHANGE_REASON_MIN } from "#lib/domain/change-request";
import { ChangePreviewView } from "../changes/change-preview.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { Field, fieldHintId, Textarea } from "../ui/input.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import {
  FULL_ROLLOUT,
  RollbackFields,
  type RolloutDraft,
  RolloutFields,
  rolloutPayload,
} from "./rollout-fields.tsx";

export type BaselineAction = "publish" | "rollout" | "rollback";

const WORDS: Readonly<Record<BaselineAction, { title: string; lead: string; button: string }>> = {
  publish: {
    title: "Publish a version",
    lead: "Its content is signed and never changes again. It holds for no node before it is rolled out.",
    button: "Propose to publish",
  },
  rollout: {
    title: "Roll out a version",
    lead: "From the chosen instant on, the version holds for a part of the nodes.",
    button: "Propose the rollout",
  },
  rollback: {
    title: "Roll back",
    lead: "From the approval on, only the chosen version holds. What held before stays on record.",
    button: "Propose the rollback",
  },
};

/** What a decision about a baseline would move, before anything does; and asking for it. */
export function ProposePage({
  id,
  action,
  version,
}: {
  id: string;
  action: BaselineAction;
  version: number | null;
}) {
  const { data, error, refetch } = useQuery(baselineOptions(id));
  const { title, lead } = WORDS[action];
  return (
    <div className="flex max-w-[900px] flex-col gap-3 pb-6">
      <PageHeader
        title={title}
        crumbs={[
          { href: paths.baselines(), label: "Baselines" },
          { href: paths.baseline(id), label: data?.name ?? "Baseline" },
        ]}
      />
      <p className="max-w-[80ch] text-data text-muted">{lead} A second person has to approve it.</p>
      {!data && error && (
        <ErrorPanel title="The baseline could not be loaded" error={error} onRetry={() => void refetch()} />
      )}
      {!data && !error && <SkeletonRows rows={6} label="Loading the baseline" />}
      {data && action === "publish" && <Publish baseline={data} version={version} />}
      {data && action === "rollout" && <RollOut baseline={data} version={version} />}
      {data && action === "rollback" && <RollBack baseline={data} version={version} />}
    </div>
  );
}

type ActionProps = { baseline: BaselineView; version: number | null };

function Publish({ baseline: { id, draft }, version }: ActionProps) {
  const chosen = version ?? draft;
  if (chosen === null) return <p className="text-data">There is no draft to publish.</p>;
  return <Proposal kind="publish" payload={{ baselineId: id, version: chosen }} />;
}

function RollOut({ baseline, version }: ActionProps) {
  const published = baseline.versions.filter(({ state }) => state === "published");
  const [draft, setDraft] = useState<RolloutDraft>({
    ...FULL_ROLLOUT,
    version: version ?? published[0]?.version ?? 1,
  });
  if (published.length === 0) return <p className="text-data">No version is published yet.</p>;
  const payload = rolloutPayload(baseline.id, draft);
  return (
    <Proposal kind="rollout" payload={payload}>
      <RolloutFields value={draft} onChange={setDraft} versions={published.map((row) => row.version)} />
    </Proposal>
  );
}

function RollBack({ baseline, version }: ActionProps) {
  const published = baseline.versions.filter(({ state }) => state === "published").map((row) => row.version);
  const [to, setTo] = useState<number | null>(
    version ?? published.find((known) => known !== baseline.current) ?? null,
  );
  return (
    <Proposal kind="rollback" payload={{ baselineId: baseline.id, version: to }}>
      <RollbackFields value={to} onChange={setTo} versions={published} />
    </Proposal>
  );
}

/** The fields, what would move by them, the reason, and the button. */
function Proposal({
  kind,
  payload,
  children,
}: {
  kind: BaselineAction;
  /** `null` = a field is not filled in right. */
  payload: Record<string, unknown> | null;
  children?: ReactNode;
}) {
  const router = useRouter();
  const queryClient = useQueryClient();
  const [reason, setReason] = useState("");
  const body = { kind: `baseline.${kind}`, payload: payload ?? {} };
  const planned = useQuery({ ...changePreviewOptions(body), enabled: payload !== null });
  const propose = useMutation({
    mutationFn: () => proposeChange({ ...body, reason: reason.trim() }),
    onSuccess: async (change) => {
      await queryClient.invalidateQueries({ queryKey: changeKeys.all });
      router.push(paths.change(change.id));
    },
  });
  const hasReason = reason.trim().length >= CHANGE_REASON_MIN;
  return (
    <>
      {children}
      {payload !== null && planned.isPending && <SkeletonRows rows={6} label="Computing what would move" />}
      {payload !== null && planned.error && <FormProblem error={planned.error} />}
      {payload !== null && planned.data && <ChangePreviewView preview={planned.data.preview} />}
      <Field
        id="baseline-reason"
        label="Reason"
        hint={`At least ${CHANGE_REASON_MIN} characters. The second person decides on it, and it stays on the record.`}
      >
        <Textarea
          id="baseline-reason"
          rows={3}
          maxLength={1_000}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          aria-describedby={fieldHintId("baseline-reason")}
        />
      </Field>
      {propose.error && <FormProblem error={propose.error} />}
      <div>
        <Button
          variant="primary"
          className="min-h-11"
          disabled={!hasReason || payload === null || !planned.data}
          pending={propose.isPending}
          onClick={() => propose.mutate()}
        >
          {WORDS[kind].button}
        </Button>
      </div>
    </>
  );
}
