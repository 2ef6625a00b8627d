"use client";

import { Checks, type Choice, Switch } from "../forms/checks.tsx";
import { Button } from "../ui/button.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { DAY_CHOICES, type RouteDraft } from "./route-draft.ts";

export function QuietFields({
  quiet,
  onChange,
}: {
  quiet: RouteDraft["quiet"];
  onChange: (quiet: RouteDraft["quiet"]) => void;
}) {
  const set = (change: Partial<RouteDraft["quiet"]>) => onChange({ ...quiet, ...change });
  return (
    <fieldset className="flex min-w-0 flex-col gap-2 rounded-[6px] border border-line p-3">
      <legend className="label px-1">Quiet hours</legend>
      <Switch
        label="Tell after these hours what comes in them"
        checked={quiet.on}
        onChange={(on) => set({ on })}
      />
      {quiet.on && (
        <>
          <div className="grid gap-2 sm:grid-cols-3">
            <Field id="quiet-from" label="From">
              <Input
                id="quiet-from"
                type="time"
                required
                value={quiet.from}
                onChange={({ target }) => set({ from: target.value })}
              />
            </Field>
            <Field id="quiet-to" label="To">
              <Input
                id="quiet-to"
                type="time"
                required
                value={quiet.to}
                onChange={({ target }) => set({ to: target.value })}
              />
            </Field>
            <Field id="quiet-zone" label="Time zone" hint="For example Europe/Berlin.">
              <Input
                id="quiet-zone"
                required
                autoComplete="off"
                spellCheck={false}
                value={quiet.zone}
                aria-describedby={fieldHintId("quiet-zone")}
                onChange={({ target }) => set({ zone: target.value })}
              />
            </Field>
          </div>
          <Checks
            legend="Begin on"
            hint="None = each day."
            choices={DAY_CHOICES}
            chosen={quiet.days}
            onChange={(days) => set({ days })}
          />
          <Switch
            label="Hold back what is critical, too"
            checked={quiet.holdsCritical}
            onChange={(holdsCritical) => set({ holdsCritical })}
          />
        </>
      )}
    </fieldset>
  );
}

type Labels = RouteDraft["labels"];

/** Labels that an event must have; each with its value or with any. */
export function LabelFields({ labels, onChange }: { labels: Labels; onChange: (labels: Labels) => void }) {
  const change = (at: number, label: Partial<Labels[number]>) =>
    onChange(labels.map((one, index) => (index === at ? { ...one, ...label } : one)));
  return (
    <fieldset className="flex min-w-0 flex-col gap-2 rounded-[6px] border border-line p-3">
      <legend className="label px-1">Labels</legend>
      <p className="text-small text-muted">All of them must be there. A value of * is any value.</p>
      {labels.map(({ name, value }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
        <div key={at} className="grid items-end gap-2 sm:grid-cols-[1fr_1fr_auto]">
          <Field id={`label-${at}`} label={`Label ${at + 1}`}>
            <Input
              id={`label-${at}`}
              required
              maxLength={100}
              autoComplete="off"
              spellCheck={false}
              value={name}
              onChange={({ target }) => change(at, { name: target.value })}
            />
          </Field>
          <Field id={`label-value-${at}`} label={`Value ${at + 1}`}>
            <Input
              id={`label-value-${at}`}
              maxLength={200}
              autoComplete="off"
              spellCheck={false}
              value={value}
              onChange={({ target }) => change(at, { value: target.value })}
            />
          </Field>
          <Button
            size="sm"
            aria-label={`Remove label ${at + 1}`}
            onClick={() => onChange(labels.filter((_, index) => index !== at))}
          >
            Remove
          </Button>
        </div>
      ))}
      <Button size="sm" onClick={() => onChange([...labels, { name: "", value: "*" }])}>
        Add a label
      </Button>
    </fieldset>
  );
}

type Steps = RouteDraft["escalation"];
const MOST_STEPS = 5;

/** Who else is told when nobody acknowledges, from the shortest wait to the longest. */
export function EscalationFields({
  steps,
  channels,
  onChange,
}: {
  steps: Steps;
  channels: readonly Choice[];
  onChange: (steps: Steps) => void;
}) {
  const change = (at: number, step: Partial<Steps[number]>) =>
    onChange(steps.map((one, index) => (index === at ? { ...one, ...step } : one)));
  return (
    <fieldset className="flex min-w-0 flex-col gap-2 rounded-[6px] border border-line p-3">
      <legend className="label px-1">Escalation</legend>
      {steps.map(({ afterMinutes, channelIds }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
        <div key={at} className="flex flex-col gap-2">
          <Field id={`step-${at}`} label={`Step ${at + 1}: minutes without an acknowledgement`}>
            <Input
              id={`step-${at}`}
              type="number"
              required
              min={1}
              max={10_080}
              value={afterMinutes}
              onChange={({ target }) => change(at, { afterMinutes: target.value })}
            />
          </Field>
          <Checks
            legend={`Step ${at + 1}: channels`}
            empty="There is no channel in this trust domain yet."
            choices={channels}
            chosen={channelIds}
            onChange={(chosen) => change(at, { channelIds: chosen })}
          />
          <Button size="sm" onClick={() => onChange(steps.filter((_, index) => index !== at))}>
            Remove step {at + 1}
          </Button>
        </div>
      ))}
      {steps.length < MOST_STEPS && (
        <Button size="sm" onClick={() => onChange([...steps, { afterMinutes: "15", channelIds: [] }])}>
          Add a step
        </Button>
      )}
    </fieldset>
  );
}
