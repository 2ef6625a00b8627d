"use client";

import { Field, fieldHintId, Input } from "../ui/input.tsx";

/** For which nodes something is, as it is being typed. */
export type PartDraft = { selector: string; percent: string };

export const ALL_NODES: PartDraft = { selector: "", percent: "100" };

/** The part as the API takes it; `null` while a field is not filled in right. */
export function partOf({ selector, percent }: PartDraft): { selector: string; percent: number } | null {
  const share = /^\d{1,3}$/.test(percent.trim()) ? Number(percent) : 0;
  return share < 1 || share > 100 ? null : { selector: selector.trim(), percent: share };
}

/** Which nodes, and how many of them. */
export function PartFields({
  id,
  value,
  onChange,
}: {
  /** Begins the ids of the controls. */
  id: string;
  value: PartDraft;
  onChange: (value: PartDraft) => void;
}) {
  const wrong = partOf(value) === null;
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Field id={`${id}-selector`} label="Only for" hint="CEL over the node. Empty = all nodes.">
        <Input
          id={`${id}-selector`}
          maxLength={4_000}
          className="font-mono"
          spellCheck={false}
          placeholder={'node.labels.role == "gpu"'}
          value={value.selector}
          onChange={(event) => onChange({ ...value, selector: event.target.value })}
          aria-describedby={fieldHintId(`${id}-selector`)}
        />
      </Field>
      <Field
        id={`${id}-percent`}
        label="Percent of them"
        hint="Below 100 it is a canary. A larger share contains a smaller one."
        error={wrong ? "A whole number from 1 to 100." : null}
      >
        <Input
          id={`${id}-percent`}
          type="number"
          inputMode="numeric"
          min={1}
          max={100}
          value={value.percent}
          onChange={(event) => onChange({ ...value, percent: event.target.value })}
          aria-invalid={wrong || undefined}
          aria-describedby={fieldHintId(`${id}-percent`)}
        />
      </Field>
    </div>
  );
}
