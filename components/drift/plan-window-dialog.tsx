"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { ApiProblem } from "#lib/client/api";
import { LAYER_WORDS } from "#lib/client/compare";
import { fleetKeys } from "#lib/client/fleet";
import { displayText, formatCount, formatPlural } from "#lib/client/format";
import { planWindow, windowPreviewOptions } from "#lib/client/maintenance";
import { instantOfField } from "#lib/client/utc-field";
import type { PlanWindowBody, WindowPreview } from "#lib/contracts/maintenance-window";
import { LAYERS, type Layer } from "#lib/domain/layers";
import { ReasonDialog } from "../onboarding/reason-dialog.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { useSettled } from "../ui/settled.ts";
import { announceDone } from "../ui/toast.tsx";

const REASON_MIN = 10;
const TYPING_MS = 400;
const HOUR_MS = 3_600_000;
const AT = "at";

const LENGTHS = [
  { value: String(HOUR_MS), label: "After 1 hour" },
  { value: String(2 * HOUR_MS), label: "After 2 hours" },
  { value: String(4 * HOUR_MS), label: "After 4 hours" },
  { value: String(8 * HOUR_MS), label: "After 8 hours" },
  { value: String(24 * HOUR_MS), label: "After a day" },
  { value: AT, label: "At an instant" },
];
const STARTS = [
  { value: "now", label: "Now" },
  { value: AT, label: "At an instant" },
];

type Draft = {
  name: string;
  selector: string;
  layers: readonly Layer[];
  start: string;
  from: string;
  length: string;
  until: string;
};
const EMPTY: Draft = {
  name: "",
  selector: "",
  layers: [],
  start: "now",
  from: "",
  length: String(2 * HOUR_MS),
  until: "",
};

/** The times of a draft; `null` = something is missing. */
function timesOf(draft: Draft, nowMs: number): Pick<PlanWindowBody, "from" | "until"> | null {
  const from = draft.start === AT ? instantOfField(draft.from) : null;
  if (draft.start === AT && from === null) return null;
  if (draft.length === AT) {
    const until = instantOfField(draft.until);
    return until === null ? null : { from, until };
  }
  const beginsMs = from === null ? nowMs : Date.parse(from);
  return { from, until: new Date(beginsMs + Number(draft.length)).toISOString() };
}

/** Plans a window, and says beforehand which nodes it reaches. */
export function PlanWindowDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState(EMPTY);
  const change = (more: Partial<Draft>) => setDraft((now) => ({ ...now, ...more }));
  const ready = draft.name.trim() !== "" && draft.layers.length > 0 && timesOf(draft, 0) !== null;
  return (
    <ReasonDialog
      open={open}
      onOpenChange={(next) => !next && onClose()}
      title="Plan a maintenance window"
      verb="Plan the window"
      minLength={REASON_MIN}
      ready={ready}
      act={async (reason) => {
        const times = timesOf(draft, Date.now());
        if (!times) return;
        const { name, selector, layers } = draft;
        const planned = await planWindow({
          ...times,
          ...{ name: name.trim(), selector: selector.trim(), layers: [...layers], reason },
        });
        announceDone({ title: `The window is planned for ${formatPlural(planned.nodes, "node")}` });
        setDraft(EMPTY);
        await queryClient.invalidateQueries({ queryKey: fleetKeys.all });
      }}
    >
      <Field id="window-name" label="Name" hint="It stands wherever the window explains a change.">
        <Input
          id="window-name"
          required
          maxLength={80}
          value={draft.name}
          onChange={(event) => change({ name: event.target.value })}
          aria-describedby={fieldHintId("window-name")}
        />
      </Field>
      <Field id="window-selector" label="Only for" hint="CEL over the node. Empty = all nodes.">
        <Input
          id="window-selector"
          maxLength={4_000}
          className="font-mono"
          spellCheck={false}
          placeholder={'node.labels.role == "gpu"'}
          value={draft.selector}
          onChange={(event) => change({ selector: event.target.value })}
          aria-describedby={fieldHintId("window-selector")}
        />
      </Field>
      <LayerChoice layers={draft.layers} onChange={(layers) => change({ layers })} />
      <Reach open={open} selector={draft.selector.trim()} layers={draft.layers} />
      <Times draft={draft} change={change} />
    </ReasonDialog>
  );
}

function LayerChoice({
  layers,
  onChange,
}: {
  layers: readonly Layer[];
  onChange: (layers: readonly Layer[]) => void;
}) {
  const every = layers.length === LAYERS.length;
  const toggle = (layer: Layer, on: boolean) =>
    onChange(LAYERS.filter((one) => (one === layer ? on : layers.includes(one))));
  return (
    <fieldset className="flex min-w-0 flex-col gap-1">
      <legend className="text-small font-medium text-fg">Layers that change</legend>
      <div className="grid grid-cols-2 gap-x-3 gap-y-0.5 pt-1 text-data">
        <label className="touch col-span-2 inline-flex min-h-7 items-center gap-2">
          <input
            type="checkbox"
            checked={every}
            onChange={(event) => onChange(event.target.checked ? LAYERS : [])}
            className="size-4 shrink-0"
          />
          Every layer
        </label>
        {LAYERS.map((layer) => (
          <label key={layer} className="touch inline-flex min-h-7 min-w-0 items-center gap-2">
            <input
              type="checkbox"
              checked={layers.includes(layer)}
              onChange={(event) => toggle(layer, event.target.checked)}
              className="size-4 shrink-0"
            />
            <span className="min-w-0">{LAYER_WORDS[layer]}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Times({ draft, change }: { draft: Draft; change: (more: Partial<Draft>) => void }) {
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <TimeChoice
        label="Begins"
        hint="Within 90 days."
        options={STARTS}
        choice={draft.start}
        onChoice={(start) => change({ start })}
        at={draft.from}
        onAt={(from) => change({ from })}
      />
      <TimeChoice
        label="Ends"
        hint="Within 7 days of the beginning."
        options={LENGTHS}
        choice={draft.length}
        onChoice={(length) => change({ length })}
        at={draft.until}
        onAt={(until) => change({ until })}
      />
    </div>
  );
}

/** One of some usual times, or an instant that is typed. */
function TimeChoice({
  label,
  hint,
  options,
  choice,
  onChoice,
  at,
  onAt,
}: {
  label: string;
  hint: string;
  options: readonly { value: string; label: string }[];
  choice: string;
  onChoice: (choice: string) => void;
  at: string;
  onAt: (at: string) => void;
}) {
  const id = useId();
  return (
    <>
      <Field id={id} label={label}>
        <Select id={id} value={choice} options={options} onChange={(event) => onChoice(event.target.value)} />
      </Field>
      {choice === AT && (
        <Field id={`${id}-at`} label={`${label} at (UTC)`} hint={hint}>
          <Input
            id={`${id}-at`}
            type="datetime-local"
            required
            value={at}
            onChange={(event) => onAt(event.target.value)}
            aria-describedby={fieldHintId(`${id}-at`)}
          />
        </Field>
      )}
    </>
  );
}

/** Which nodes the selector means now, and what they show already. */
function Reach({ open, selector, layers }: { open: boolean; selector: string; layers: readonly Layer[] }) {
  const settled = useSettled(selector, TYPING_MS);
  const asked = layers.length > 0 ? [...layers] : undefined;
  const { data, error } = useQuery({
    ...windowPreviewOptions({ selector: settled, layers: asked }),
    enabled: open,
  });
  if (error instanceof ApiProblem) {
    return (
      <p role="alert" className="text-small text-danger break-words">
        {error.detail}
      </p>
    );
  }
  return (
    <div role="status" className="rounded-[4px] border border-line bg-sunken px-2.5 py-1.5 text-small">
      {data ? <Reached preview={data} /> : <p className="text-muted">Counting the nodes…</p>}
    </div>
  );
}

function Reached({ preview }: { preview: WindowPreview }) {
  const { trustDomain, nodes, of, names, unexplained, maliciousLike } = preview;
  const more = nodes - names.length;
  return (
    <>
      <p className="break-words">
        <strong className="font-medium">
          {formatCount(nodes)} of {formatPlural(of, "node")}
        </strong>{" "}
        of {displayText(trustDomain).text}
        {nodes > 0 && ": "}
        <span className="text-muted">
          {names.map((name) => displayText(name).text).join(", ")}
          {more > 0 && ` and ${formatCount(more)} more`}
        </span>
      </p>
      {unexplained && (
        <p className="break-words text-warn-fg">
          {formatPlural(unexplained.changes, "unexplained change")} that{" "}
          {formatPlural(unexplained.nodes, "node shows", "nodes show")} already would be authorised, such as{" "}
          {displayText(unexplained.path).text}.
        </p>
      )}
      {maliciousLike && (
        <p className="break-words text-danger">
          {displayText(maliciousLike.path).text} looks like an attack on{" "}
          {formatPlural(maliciousLike.nodes, "node")}. A window that would allow it cannot be planned.
        </p>
      )}
    </>
  );
}
