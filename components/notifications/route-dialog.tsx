"use client";

import { type FormEvent, useState } from "react";
import { displayText } from "#lib/client/format";
import type { ChannelView } from "#lib/contracts/notification";
import { SEVERITIES } from "#lib/domain/notify/event";
import type { Route } from "#lib/domain/notify/route";
import { Checks, Switch } from "../forms/checks.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { draftOfRoute, KIND_CHOICES, type RouteDraft, routeOfDraft } from "./route-draft.ts";
import { EscalationFields, LabelFields, QuietFields } from "./route-fields.tsx";

type Props = {
  /** `null` = closed. The root takes everything, so it has no conditions. */
  editing: { route: Route; root: boolean; verb: string } | null;
  channels: readonly ChannelView[];
  domains: ReadonlyMap<string, string>;
  onDone: (route: Route) => void;
  onClose: () => void;
};

/** One route of the tree. What is given here counts when the tree is saved. */
export function RouteDialog(props: Props) {
  const { editing, onClose } = props;
  return (
    <Dialog
      wide
      open={editing !== null}
      onOpenChange={(open) => !open && onClose()}
      title={editing?.verb ?? ""}
      description="Nothing changes until the tree is saved."
    >
      {editing && <RouteForm {...props} editing={editing} />}
    </Dialog>
  );
}

function RouteForm({
  editing,
  channels,
  domains,
  onDone,
  onClose,
}: Props & { editing: NonNullable<Props["editing"]> }) {
  const [draft, setDraft] = useState<RouteDraft>(() => draftOfRoute(editing.route));
  const set = (change: Partial<RouteDraft>) => setDraft({ ...draft, ...change });
  const channelChoices = channels.map(({ id, name }) => ({ value: id, words: displayText(name).text }));

  function submit(event: FormEvent) {
    event.preventDefault();
    onDone(routeOfDraft(draft, editing.route));
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field id="route-name" label="Name">
        <Input
          id="route-name"
          required
          maxLength={100}
          autoComplete="off"
          value={draft.name}
          onChange={({ target }) => set({ name: target.value })}
        />
      </Field>
      {!editing.root && <Conditions draft={draft} domains={domains} set={set} />}
      <Checks
        legend="Channels"
        empty="There is no channel in this trust domain yet."
        choices={channelChoices}
        chosen={draft.channelIds}
        onChange={(channelIds) => set({ channelIds })}
      />
      <div className="grid gap-3 sm:grid-cols-2">
        <Field id="route-digest" label="Collect for (minutes)" hint="0 = tell at once.">
          <Input
            id="route-digest"
            type="number"
            required
            min={0}
            max={1_440}
            value={draft.digestMinutes}
            aria-describedby={fieldHintId("route-digest")}
            onChange={({ target }) => set({ digestMinutes: target.value })}
          />
        </Field>
        <Field
          id="route-group"
          label="One notification per"
          hint="matter, topic, severity, domain, label:NAME; separated by commas. Empty = matter."
        >
          <Input
            id="route-group"
            autoComplete="off"
            spellCheck={false}
            value={draft.groupBy}
            aria-describedby={fieldHintId("route-group")}
            onChange={({ target }) => set({ groupBy: target.value })}
          />
        </Field>
      </div>
      <QuietFields quiet={draft.quiet} onChange={(quiet) => set({ quiet })} />
      <EscalationFields
        steps={draft.escalation}
        channels={channelChoices}
        onChange={(escalation) => set({ escalation })}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary">
          Take over
        </Button>
      </div>
    </form>
  );
}

/** Which events it takes; all that is given must hold. */
function Conditions({
  draft,
  domains,
  set,
}: {
  draft: RouteDraft;
  domains: ReadonlyMap<string, string>;
  set: (change: Partial<RouteDraft>) => void;
}) {
  return (
    <>
      <Checks
        legend="Kinds of events"
        hint="None = every kind."
        choices={KIND_CHOICES.map(({ value, words }) => ({ value, words: `${value}: ${words}` }))}
        chosen={draft.kinds}
        onChange={(kinds) => set({ kinds })}
      />
      <div className="grid gap-3 sm:grid-cols-2">
        <Field id="route-severity" label="At least so bad">
          <Select
            id="route-severity"
            value={draft.severity}
            onChange={({ target }) => set({ severity: target.value })}
            options={[{ value: "", label: "any" }, ...SEVERITIES.map((one) => ({ value: one, label: one }))]}
          />
        </Field>
        <Field id="route-domain" label="In the trust domain">
          <Select
            id="route-domain"
            value={draft.trustDomainId}
            onChange={({ target }) => set({ trustDomainId: target.value })}
            options={[
              { value: "", label: "any" },
              ...[...domains].map(([value, name]) => ({ value, label: displayText(name).text })),
            ]}
          />
        </Field>
      </div>
      <LabelFields labels={draft.labels} onChange={(labels) => set({ labels })} />
      <Switch
        label="Ask the routes after it as well"
        checked={draft.continue}
        onChange={(next) => set({ continue: next })}
      />
    </>
  );
}
