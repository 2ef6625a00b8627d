"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { baselineKeys, baselineOptions, draftVersion, versionOptions } from "#lib/client/baselines";
import { paths } from "#lib/client/paths";
import type { BaselineView, MakeContentBody } from "#lib/contracts/baseline";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { announceDone } from "../ui/toast.tsx";
import { Preview } from "./create-baseline.tsx";
import { type OriginDraft, OriginFields, originOf } from "./origin-fields.tsx";

/** Writing the next draft, starting with what a version says. A version never changes, so each draft is a new one. */
export function DraftPage({ id, from }: { id: string; from: number }) {
  const baseline = useQuery(baselineOptions(id));
  const version = useQuery(versionOptions(id, from));
  const error = baseline.error ?? version.error;
  return (
    <>
      <PageHeader
        title="New draft"
        crumbs={[
          { href: paths.baselines(), label: "Baselines" },
          { href: paths.baseline(id), label: baseline.data?.name ?? "Baseline" },
        ]}
      />
      {error && (
        <ErrorPanel
          title="The version could not be loaded"
          error={error}
          onRetry={() => void Promise.all([baseline.refetch(), version.refetch()])}
        />
      )}
      {!error && !(baseline.data && version.data) && <SkeletonRows rows={6} label="Loading the version" />}
      {baseline.data && version.data && (
        <DraftForm baseline={baseline.data} from={from} text={version.data.document} />
      )}
    </>
  );
}

function DraftForm({ baseline, from, text }: { baseline: BaselineView; from: number; text: string }) {
  const { id, lane, draft, selector } = baseline;
  const router = useRouter();
  const queryClient = useQueryClient();
  const [note, setNote] = useState("");
  const [origin, setOrigin] = useState<OriginDraft>({
    kind: "document",
    nodeId: "",
    selector,
    document: text,
  });
  const [shown, setShown] = useState<MakeContentBody | null>(null);
  const stated = originOf(origin);
  const body = stated && { origin: stated, sourceId: lane.sourceId, submod: lane.submod };
  const isShown = body !== null && JSON.stringify(body) === JSON.stringify(shown);
  const save = useMutation({
    mutationFn: (content: MakeContentBody) => draftVersion(id, { origin: content.origin, note: note.trim() }),
    onSuccess: async ({ version }) => {
      await queryClient.invalidateQueries({ queryKey: baselineKeys.all });
      announceDone({ title: `Draft v${version} stored` });
      router.push(paths.baseline(id, { a: from, b: version }));
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (body && isShown) save.mutate(body);
    else setShown(body);
  }
  return (
    <form onSubmit={submit} className="flex max-w-[900px] flex-col gap-3 pb-6">
      <p className="text-data text-muted">
        The text below is what v{from} says.{" "}
        {draft !== null && `Draft v${draft} is withdrawn when this one is stored.`}
      </p>
      <OriginFields
        value={origin}
        onChange={setOrigin}
        kinds={["document", "cohort", "golden_node", "keylime"]}
      />
      <Field id="draft-note" label="Note" hint="Why it changes. It stays with the version.">
        <Input
          id="draft-note"
          maxLength={1_000}
          value={note}
          onChange={(event) => setNote(event.target.value)}
          aria-describedby={fieldHintId("draft-note")}
        />
      </Field>
      {shown && isShown && <Preview body={shown} />}
      {save.error && <FormProblem error={save.error} />}
      <div className="flex flex-wrap gap-2">
        <Button disabled={body === null} onClick={() => setShown(body)}>
          Show what it would say
        </Button>
        <Button type="submit" variant="primary" disabled={!isShown} pending={save.isPending}>
          Store the draft
        </Button>
      </div>
    </form>
  );
}
