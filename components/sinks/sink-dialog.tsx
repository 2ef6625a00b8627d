"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { createSink, sinkKeys, updateSink } from "#lib/client/sinks";
import type { SinkView } from "#lib/contracts/sink";
import { FACT_KINDS } from "#lib/domain/feed/fact";
import { OCSF_VERSIONS } from "#lib/domain/ocsf/event";
import { Checks } from "../forms/checks.tsx";
import { KindFields, NewSecrets } from "../forms/kind-fields.tsx";
import { leadsElsewhere } from "../forms/kind-values.ts";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { announceDone } from "../ui/toast.tsx";
import {
  createSinkBody,
  draftOfSink,
  givesSecrets,
  newSinkDraft,
  type SinkDraft,
  type SinkKind,
  sinkFields,
  updateSinkBody,
} from "./sink-draft.ts";
import { FACT_WORDS } from "./sink-words.ts";

type Props = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  kinds: readonly SinkKind[];
  before: SinkView | null;
};

/** Adds a sink, or changes one. What was typed is forgotten when the dialog closes: it may be a secret. */
export function SinkDialog(props: Props) {
  const { before, open, onOpenChange } = props;
  return (
    <Dialog
      {...{ open, onOpenChange }}
      wide
      title={before ? `Change ${before.name}` : "Add a sink"}
      description={
        before
          ? "What is on its way under the old settings is told again under the new ones."
          : "A system that is told what happens in your trust domain."
      }
    >
      {open && <SinkForm {...props} />}
    </Dialog>
  );
}

function SinkForm({ kinds, before, onOpenChange }: Props) {
  const [draft, setDraft] = useState<SinkDraft | null>(() => firstDraft(kinds, before));
  const form = kinds.find(({ kind }) => kind === (before?.kind ?? draft?.kind));
  const queryClient = useQueryClient();
  const save = useMutation({
    mutationFn: async () => {
      if (!draft || !form) throw new Error("There is nothing to save");
      return before
        ? updateSink(before.id, updateSinkBody(draft, form, before))
        : createSink(createSinkBody(draft, form));
    },
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: sinkKeys.all });
      announceDone({
        title: before ? `${draft?.name} was changed` : `${draft?.name} is there now. Test it.`,
      });
      onOpenChange(false);
    },
  });
  if (!draft || !form) return <p>This version knows no kind of sink for it.</p>;
  const set = (change: Partial<SinkDraft>) => setDraft({ ...draft, ...change });

  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate();
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      {!before && (
        <Field id="sink-kind" label="Kind" hint={form.words}>
          <Select
            id="sink-kind"
            aria-describedby={fieldHintId("sink-kind")}
            value={draft.kind}
            onChange={({ target }) => {
              const chosen = kinds.find(({ kind }) => kind === target.value);
              if (chosen) setDraft({ ...newSinkDraft(chosen), name: draft.name });
            }}
            options={kinds.map(({ kind, label }) => ({ value: kind, label }))}
          />
        </Field>
      )}
      <Field id="sink-name" label="Name">
        <Input
          id="sink-name"
          required
          maxLength={63}
          autoComplete="off"
          value={draft.name}
          onChange={({ target }) => set({ name: target.value })}
        />
      </Field>
      <KindFields
        id="sink-setting"
        fields={sinkFields(form.settings)}
        values={draft.settings}
        onChange={(settings) => set({ settings })}
      />
      {before && form.secrets.length > 0 && (
        <NewSecrets
          given={givesSecrets(draft, before)}
          forced={leadsElsewhere(draft.settings, before.settings)}
          onChange={(withSecrets) => set({ withSecrets })}
        />
      )}
      {givesSecrets(draft, before) && (
        <KindFields
          id="sink-secret"
          secret
          fields={sinkFields(form.secrets)}
          values={draft.secrets}
          onChange={(secrets) => set({ secrets })}
        />
      )}
      <Told draft={draft} fresh={before === null} set={set} />
      {save.error && <FormProblem error={save.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={() => onOpenChange(false)}>Cancel</Button>
        <Button type="submit" variant="primary" pending={save.isPending} disabled={draft.facts.length === 0}>
          {before ? "Save" : "Add"}
        </Button>
      </div>
    </form>
  );
}

/** What it is told, in which version, and since when. */
function Told({
  draft,
  fresh,
  set,
}: {
  draft: SinkDraft;
  fresh: boolean;
  set: (change: Partial<SinkDraft>) => void;
}) {
  return (
    <>
      <Checks
        legend="What it is told"
        choices={FACT_KINDS.map((kind) => ({ value: kind, words: FACT_WORDS[kind] }))}
        chosen={draft.facts}
        onChange={(chosen) => set({ facts: FACT_KINDS.filter((kind) => chosen.includes(kind)) })}
      />
      <div className="grid gap-3 sm:grid-cols-2">
        <Field id="sink-version" label="OCSF version">
          <Select
            id="sink-version"
            value={draft.ocsfVersion}
            onChange={({ target }) =>
              set({ ocsfVersion: OCSF_VERSIONS.find((one) => one === target.value) ?? draft.ocsfVersion })
            }
            options={OCSF_VERSIONS.map((version) => ({ value: version, label: version }))}
          />
        </Field>
        {fresh && (
          <Field id="sink-begin" label="Begin with">
            <Select
              id="sink-begin"
              value={draft.begin}
              onChange={({ target }) => set({ begin: target.value === "kept" ? "kept" : "now" })}
              options={[
                { value: "now", label: "What happens from now on" },
                { value: "kept", label: "Everything that is still kept (30 days)" },
              ]}
            />
          </Field>
        )}
      </div>
    </>
  );
}

function firstDraft(kinds: readonly SinkKind[], before: SinkView | null): SinkDraft | null {
  const form = before ? kinds.find(({ kind }) => kind === before.kind) : kinds[0];
  if (!form) return null;
  return before ? draftOfSink(before, form) : newSinkDraft(form);
}
