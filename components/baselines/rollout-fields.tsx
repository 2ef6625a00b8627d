"use client";

import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";

/** A rollout as it is being typed; instants are the text of a date field, which means UTC here. */
export type RolloutDraft = {
  version: number;
  part: "target" | "accepted";
  selector: string;
  percent: string;
  from: string;
  to: string;
  /** Until when what holds now is accepted besides. */
  window: string;
};

export const FULL_ROLLOUT: Omit<RolloutDraft, "version"> = {
  part: "target",
  selector: "",
  percent: "100",
  from: "",
  to: "",
  window: "",
};

/** Reads a field: `undefined` = it is no instant, `null` = it is empty. */
function instantOf(utc: string): string | null | undefined {
  if (utc === "") return null;
  const at = Date.parse(`${utc}Z`);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

/** What is proposed; `null` while a field is not filled in right. */
export function rolloutPayload(baselineId: string, draft: RolloutDraft): Record<string, unknown> | null {
  const { version, part, selector } = draft;
  const percent = /^\d{1,3}$/.test(draft.percent) ? Number(draft.percent) : 0;
  const [from, to, acceptOthersUntil] = [draft.from, draft.to, draft.window].map(instantOf);
  if (percent < 1 || percent > 100) return null;
  if (from === undefined || to === undefined || acceptOthersUntil === undefined) return null;
  return { baselineId, version, part, selector: selector.trim(), percent, from, to, acceptOthersUntil };
}

const versionOptions = (versions: readonly number[]) =>
  versions.map((version) => ({ value: `${version}`, label: `v${version}` }));

export function RolloutFields({
  value,
  onChange,
  versions,
}: {
  value: RolloutDraft;
  onChange: (value: RolloutDraft) => void;
  versions: readonly number[];
}) {
  const text = (name: "from" | "to" | "window", label: string, hint: string) => (
    <Field id={`rollout-${name}`} label={label} hint={hint}>
      <Input
        id={`rollout-${name}`}
        type="datetime-local"
        step="1"
        value={value[name]}
        onChange={(event) => onChange({ ...value, [name]: event.target.value })}
        aria-describedby={fieldHintId(`rollout-${name}`)}
      />
    </Field>
  );
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Field id="rollout-version" label="Version">
        <Select
          id="rollout-version"
          value={`${value.version}`}
          options={versionOptions(versions)}
          onChange={(event) => onChange({ ...value, version: Number(event.target.value) })}
        />
      </Field>
      <Field id="rollout-part" label="Nodes">
        <Select
          id="rollout-part"
          value={value.part}
          options={[
            { value: "target", label: "should be this version" },
            { value: "accepted", label: "may be this version" },
          ]}
          onChange={(event) => onChange({ ...value, part: event.target.value as RolloutDraft["part"] })}
        />
      </Field>
      <Field
        id="rollout-percent"
        label="Percent of the nodes"
        hint="A larger share contains a smaller one, whatever is rolled out."
      >
        <Input
          id="rollout-percent"
          type="number"
          min={1}
          max={100}
          value={value.percent}
          onChange={(event) => onChange({ ...value, percent: event.target.value })}
          aria-describedby={fieldHintId("rollout-percent")}
        />
      </Field>
      <Field
        id="rollout-selector"
        label="Only for"
        hint="CEL; narrows the baseline’s own nodes. Empty = all of them."
      >
        <Input
          id="rollout-selector"
          maxLength={2_000}
          className="font-mono"
          placeholder={'node.labels.rack == "r01"'}
          value={value.selector}
          onChange={(event) => onChange({ ...value, selector: event.target.value })}
          aria-describedby={fieldHintId("rollout-selector")}
        />
      </Field>
      {text("from", "From (UTC)", "Empty = when the second person approves.")}
      {text("to", "To (UTC)", "Empty = no end.")}
      {text(
        "window",
        "Accept other versions until (UTC)",
        "The upgrade window: until then nodes may still be what they are. Empty = until somebody ends it.",
      )}
    </div>
  );
}

export function RollbackFields({
  value,
  onChange,
  versions,
}: {
  value: number | null;
  onChange: (value: number | null) => void;
  versions: readonly number[];
}) {
  return (
    <Field id="rollback-version" label="Back to">
      <Select
        id="rollback-version"
        value={value === null ? "" : `${value}`}
        options={[...versionOptions(versions), { value: "", label: "Nothing: expect nothing any more" }]}
        onChange={(event) => onChange(event.target.value === "" ? null : Number(event.target.value))}
      />
    </Field>
  );
}
