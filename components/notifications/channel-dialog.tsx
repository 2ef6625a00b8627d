"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeChannel, createChannel, notificationKeys } from "#lib/client/notifications";
import type { ChannelView } from "#lib/contracts/notification";
import { KindForm } from "../forms/kind-form.tsx";
import {
  filledValues,
  initialValues,
  type KindValues,
  leadsElsewhere,
  typedValues,
} from "../forms/kind-values.ts";
import { DomainField, useChosenDomain } from "../settings/grant-fields.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { announceDone } from "../ui/toast.tsx";
import { type ChannelKind, channelFields } from "./channel-fields.ts";

type DialogState = { open: boolean; onOpenChange: (open: boolean) => void };
type Props = DialogState & { kinds: readonly ChannelKind[]; before: ChannelView | null };

/** Adds a channel, or changes one. What was typed is forgotten when the dialog closes: it may be a secret. */
export function ChannelDialog({ kinds, before, ...state }: Props) {
  return (
    <Dialog
      {...state}
      wide
      title={before ? `Change ${before.name}` : "Add a channel"}
      description={
        before
          ? "What is sent from now on goes by what is saved here."
          : "A place where messages go. Nothing goes there until a route names it."
      }
    >
      {state.open && <ChannelForm {...state} kinds={kinds} before={before} />}
    </Dialog>
  );
}

type Draft = {
  kind: string;
  name: string;
  trustDomainId: string;
  settings: KindValues;
  secrets: KindValues;
  withSecrets: boolean;
};

function newDraft(kind: ChannelKind, name = ""): Draft {
  const { settings, secrets } = channelFields(kind);
  return {
    kind: kind.kind,
    name,
    trustDomainId: "",
    settings: initialValues(settings),
    secrets: initialValues(secrets),
    withSecrets: true,
  };
}

function firstDraft(kinds: readonly ChannelKind[], before: ChannelView | null): Draft | null {
  const kind = before ? kinds.find((one) => one.kind === before.kind) : kinds[0];
  if (!kind) return null;
  if (!before) return newDraft(kind);
  const settings = filledValues(channelFields(kind).settings, before.settings);
  return { ...newDraft(kind, before.name), settings, withSecrets: false };
}

function ChannelForm({ kinds, before, onOpenChange }: Props) {
  const [draft, setDraft] = useState<Draft | null>(() => firstDraft(kinds, before));
  const kind = kinds.find((one) => one.kind === draft?.kind);
  const trustDomainId = useChosenDomain(draft?.trustDomainId ?? "");
  const queryClient = useQueryClient();
  const forced = before !== null && draft !== null && leadsElsewhere(draft.settings, before.settings);
  const withSecrets = forced || draft?.withSecrets === true;
  const save = useMutation({
    mutationFn: async () => {
      if (!draft || !kind) throw new Error("There is nothing to save");
      const fields = channelFields(kind);
      const body = { name: draft.name, settings: typedValues(fields.settings, draft.settings) };
      const secrets = typedValues(fields.secrets, draft.secrets);
      return before
        ? changeChannel(before.id, { ...body, ...(withSecrets && { secrets }) })
        : createChannel({
            ...body,
            kind: draft.kind,
            secrets,
            ...(trustDomainId !== null && { trustDomainId }),
          });
    },
    onSuccess: async ({ name }) => {
      await queryClient.invalidateQueries({ queryKey: notificationKeys.channels() });
      announceDone({ title: before ? `${name} was changed` : `${name} is there now. Test it.` });
      onOpenChange(false);
    },
  });
  if (!draft || !kind) return <p>This version knows no kind of channel for it.</p>;
  const fields = channelFields(kind);
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });

  return (
    <KindForm
      id="channel"
      before={before !== null}
      kinds={kinds}
      nameMax={100}
      draft={draft}
      fields={fields}
      secrets={{ given: withSecrets, forced }}
      save={save}
      onKind={(chosenKind) => {
        const chosen = kinds.find((one) => one.kind === chosenKind);
        if (chosen) setDraft({ ...newDraft(chosen, draft.name), trustDomainId: draft.trustDomainId });
      }}
      onChange={set}
      onCancel={() => onOpenChange(false)}
    >
      {!before && (
        <DomainField
          id="channel-domain"
          hint="Its routes may use it."
          value={draft.trustDomainId}
          onChange={(chosen) => set({ trustDomainId: chosen })}
        />
      )}
    </KindForm>
  );
}
