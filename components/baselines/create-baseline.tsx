"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { baselineKeys, contentOptions, createBaseline } from "#lib/client/baselines";
import { displayText } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { sourceListOptions } from "#lib/client/sources";
import { PRESENT } from "#lib/client/time-travel";
import type { MakeContentBody } from "#lib/contracts/baseline";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Field, fieldHintId, Input, Textarea } from "../ui/input.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { Select } from "../ui/select.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { announceDone } from "../ui/toast.tsx";
import { MadeContentView } from "./made-content.tsx";
import { type OriginDraft, OriginFields, originOf } from "./origin-fields.tsx";

export type CreateStart = {
  from: string | null;
  node: string | null;
  selector: string | null;
  source: string | null;
  submod: string | null;
};

/** Making a baseline: what for, compared with which lane, made of what. What it would say shows before it is. */
export function CreateBaselinePage({ start }: { start: CreateStart }) {
  const router = useRouter();
  const queryClient = useQueryClient();
  const sources = useQuery(sourceListOptions(PRESENT));
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [selector, setSelector] = useState(start.selector ?? "");
  const [sourceId, setSourceId] = useState(start.source ?? "");
  const [submod, setSubmod] = useState(start.submod ?? "");
  const [origin, setOrigin] = useState<OriginDraft>({
    kind: start.from === "golden_node" || start.node !== null ? "golden_node" : "cohort",
    nodeId: start.node ?? "",
    selector: start.selector ?? "",
    document: "",
  });
  const [shown, setShown] = useState<MakeContentBody | null>(null);
  const lane = { sourceId: sourceId === "" ? null : sourceId, submod: submod === "" ? null : submod };
  const stated = originOf(origin);
  const body = stated && { origin: stated, ...lane };
  const isShown = body !== null && JSON.stringify(body) === JSON.stringify(shown);
  const create = useMutation({
    mutationFn: (content: MakeContentBody) =>
      createBaseline({ name: name.trim(), description, selector: selector.trim(), note: "", ...content }),
    onSuccess: async ({ id }) => {
      await queryClient.invalidateQueries({ queryKey: baselineKeys.all });
      announceDone({
        title: `Baseline “${name.trim()}” drafted`,
        description: "Next: publish it with a second person.",
      });
      router.push(paths.baseline(id));
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (body && isShown) create.mutate(body);
    else setShown(body);
  }
  return (
    <form onSubmit={submit} className="flex max-w-[900px] flex-col gap-3 pb-6">
      <PageHeader title="Create baseline" crumbs={[{ href: paths.baselines(), label: "Baselines" }]} />
      <Field id="baseline-name" label="Name">
        <Input
          id="baseline-name"
          required
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.target.value)}
          autoComplete="off"
        />
      </Field>
      <Field id="baseline-description" label="Description">
        <Textarea
          id="baseline-description"
          rows={2}
          maxLength={1_000}
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
      </Field>
      <Field id="baseline-selector" label="For which nodes" hint="CEL over the node; empty = all nodes.">
        <Input
          id="baseline-selector"
          maxLength={2_000}
          value={selector}
          onChange={(event) => setSelector(event.target.value)}
          placeholder={'node.labels.role == "gpu"'}
          className="font-mono"
          aria-describedby={fieldHintId("baseline-selector")}
        />
      </Field>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field
          id="baseline-source"
          label="Compared with what this source says"
          hint="Two verifiers name the same thing differently, so a content is about one."
        >
          <Select
            id="baseline-source"
            value={sourceId}
            onChange={(event) => setSourceId(event.target.value)}
            options={[
              { value: "", label: "Any source" },
              ...(sources.data?.items ?? []).map((source) => ({
                value: source.id,
                label: displayText(source.name).text,
              })),
            ]}
            aria-describedby={fieldHintId("baseline-source")}
          />
        </Field>
        <Field id="baseline-submod" label="Submodule" hint="Empty = any.">
          <Input
            id="baseline-submod"
            maxLength={120}
            value={submod}
            onChange={(event) => setSubmod(event.target.value)}
            aria-describedby={fieldHintId("baseline-submod")}
          />
        </Field>
      </div>
      <OriginFields
        value={origin}
        onChange={setOrigin}
        kinds={["cohort", "golden_node", "keylime", "document"]}
      />
      {shown && isShown && <Preview body={shown} />}
      {create.error && <FormProblem error={create.error} />}
      <div className="flex flex-wrap gap-2">
        <Button disabled={body === null} onClick={() => setShown(body)}>
          Show what it would say
        </Button>
        <Button
          type="submit"
          variant="primary"
          disabled={!isShown || name.trim() === ""}
          pending={create.isPending}
        >
          Create the draft
        </Button>
      </div>
    </form>
  );
}

/** What would be stored, or why not. */
export function Preview({ body }: { body: MakeContentBody }) {
  const made = useQuery(contentOptions(body));
  return (
    <>
      {made.isPending && <SkeletonRows rows={4} label="Making the content" />}
      {made.error && <FormProblem error={made.error} />}
      {made.data && <MadeContentView made={made.data} />}
    </>
  );
}
