"use client";

import type { FormEvent, ReactNode } from "react";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { KindFields, NewSecrets } from "./kind-fields.tsx";
import type { KindField, KindValues } from "./kind-values.ts";

/** What is typed about every system that comes in kinds. */
type Typed = { kind: string; name: string; settings: KindValues; secrets: KindValues; withSecrets: boolean };

/** Adds or changes something of a kind: its name, the settings and secrets of its kind, and what else it has. */
export function KindForm({
  id,
  before,
  kinds,
  kindHint,
  nameMax,
  draft,
  fields,
  secrets,
  children,
  after,
  save,
  ready = true,
  onKind,
  onChange,
  onCancel,
}: {
  /** Begins the ids of the fields. */
  id: string;
  /** It is there already, so its kind stays. */
  before: boolean;
  kinds: readonly { kind: string; label: string }[];
  kindHint?: string;
  nameMax: number;
  draft: Typed;
  fields: { settings: readonly KindField[]; secrets: readonly KindField[] };
  /** Whether secrets are given, and whether they must be. */
  secrets: { given: boolean; forced: boolean };
  /** Between the name and the settings. */
  children?: ReactNode;
  /** Below the secrets. */
  after?: ReactNode;
  save: { error: Error | null; isPending: boolean; mutate: () => void };
  ready?: boolean;
  onKind: (kind: string) => void;
  onChange: (change: Partial<Typed>) => void;
  onCancel: () => void;
}) {
  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate();
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      {!before && (
        <Field id={`${id}-kind`} label="Kind" hint={kindHint ?? ""}>
          <Select
            id={`${id}-kind`}
            aria-describedby={fieldHintId(`${id}-kind`)}
            value={draft.kind}
            onChange={({ target }) => onKind(target.value)}
            options={kinds.map(({ kind, label }) => ({ value: kind, label }))}
          />
        </Field>
      )}
      <Field id={`${id}-name`} label="Name">
        <Input
          id={`${id}-name`}
          required
          maxLength={nameMax}
          autoComplete="off"
          value={draft.name}
          onChange={({ target }) => onChange({ name: target.value })}
        />
      </Field>
      {children}
      <KindFields
        id={`${id}-setting`}
        fields={fields.settings}
        values={draft.settings}
        onChange={(settings) => onChange({ settings })}
      />
      {before && fields.secrets.length > 0 && (
        <NewSecrets {...secrets} onChange={(withSecrets) => onChange({ withSecrets })} />
      )}
      {secrets.given && (
        <KindFields
          id={`${id}-secret`}
          secret
          fields={fields.secrets}
          values={draft.secrets}
          onChange={(given) => onChange({ secrets: given })}
        />
      )}
      {after}
      {save.error && <FormProblem error={save.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" pending={save.isPending} disabled={!ready}>
          {before ? "Save" : "Add"}
        </Button>
      </div>
    </form>
  );
}
