"use client";

import { Checks, type Choice, Switch } from "../forms/checks.tsx";
import { Button } from "../ui/button.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import type { RouteDraft } from "./route-draft.ts";

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
