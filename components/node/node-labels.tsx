"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useDisabledReason } from "#components/shell/account-context";
import { GuardedButton } from "#components/shell/guarded-button";
import { TimeLink } from "#components/shell/time-travel";
import { FormProblem } from "#components/sources/form-problem";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import { HostileText } from "#components/ui/hostile-text";
import { Field, fieldHintId, Textarea } from "#components/ui/input";
import { baselineKeys, patchLabels } from "#lib/client/baselines";
import { labelLines, readLabelLines } from "#lib/client/label-lines";
import { nodeDetailKeys } from "#lib/client/node";
import { paths } from "#lib/client/paths";

type Labelled = { id: string; labels: Readonly<Record<string, string>> };

/** What operators call the node by; each label leads to the nodes that share it. */
export function NodeLabels({ id, labels }: Labelled) {
  const [open, setOpen] = useState(false);
  const reason = useDisabledReason("node:label");
  const names = Object.keys(labels);
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-x-2">
      {names.length === 0 && <span className="text-muted">none</span>}
      {names.map((name) => (
        <TimeLink
          key={name}
          href={paths.nodes({ q: `label:"${name}=${labels[name]}"` })}
          className="link font-mono break-all"
        >
          <HostileText text={`${name}=${labels[name]}`} max={60} />
        </TimeLink>
      ))}
      <GuardedButton size="sm" variant="ghost" reason={reason} onClick={() => setOpen(true)}>
        Edit labels
      </GuardedButton>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Edit labels"
        description="Selectors of baselines and policies read them, so what is expected of the node may change."
      >
        <LabelForm id={id} labels={labels} onDone={() => setOpen(false)} />
      </Dialog>
    </span>
  );
}

function LabelForm({ id, labels, onDone }: Labelled & { onDone: () => void }) {
  const queryClient = useQueryClient();
  const [text, setText] = useState(labelLines(labels));
  const wanted = readLabelLines(text);
  const save = useMutation({
    mutationFn: (after: Record<string, string>) => {
      const gone = Object.keys(labels).filter((name) => !Object.hasOwn(after, name));
      return patchLabels(id, { ...Object.fromEntries(gone.map((name) => [name, null])), ...after });
    },
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: nodeDetailKeys.all });
      await queryClient.invalidateQueries({ queryKey: baselineKeys.all });
      onDone();
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (wanted) save.mutate(wanted);
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field
        id="node-labels"
        label="Labels"
        hint="One per line: role=gpu"
        error={wanted ? null : "Each line is a name, an equals sign and a value."}
      >
        <Textarea
          id="node-labels"
          rows={6}
          spellCheck={false}
          className="font-mono"
          value={text}
          onChange={(event) => setText(event.target.value)}
          aria-describedby={fieldHintId("node-labels")}
        />
      </Field>
      {save.error && <FormProblem error={save.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" variant="primary" disabled={!wanted} pending={save.isPending}>
          Save labels
        </Button>
      </div>
    </form>
  );
}
