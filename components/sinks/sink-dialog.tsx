"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { createSink, sinkKeys, updateSink } from "#lib/client/sinks";
import type { SinkView } from "#lib/contracts/sink";
import { FACT_KINDS } from "#lib/domain/feed/fact";
import { OCSF_VERSIONS } from "#lib/domain/ocsf/event";
import { Checks } from "../forms/checks.tsx";
import { KindForm } from "../forms/kind-form.tsx";
import { leadsElsewhere } from "../forms/kind-values.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Field } from "../ui/input.tsx";
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

  return (
    <KindForm
      id="sink"
      before={before !== null}
      kinds={kinds}
      kindHint={form.words}
      nameMax={63}
      draft={draft}
      fields={{ settings: sinkFields(form.settings), secrets: sinkFields(form.secrets) }}
      secrets={{
        given: givesSecrets(draft, before),
        forced: before !== null && leadsElsewhere(draft.settings, before.settings),
      }}
      after={<Told draft={draft} fresh={before === null} set={set} />}
      save={save}
      ready={draft.facts.length > 0}
      onKind={(kind) => {
        const chosen = kinds.find((one) => one.kind === kind);
        if (chosen) setDraft({ ...newSinkDraft(chosen), name: draft.name });
      }}
      onChange={set}
      onCancel={() => onOpenChange(false)}
    />
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
