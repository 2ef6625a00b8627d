"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeConnector, connectorKeys, createConnector } from "#lib/client/connectors";
import type { ConnectorKindView, ConnectorView } from "#lib/contracts/connector";
import { KindForm } from "../forms/kind-form.tsx";
import { typedValues } from "../forms/kind-values.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { announceDone } from "../ui/toast.tsx";
import { type ConnectorDraft, draftOf, newDraft, wantsSecrets } from "./connector-draft.ts";
import { DomainField, useChosenDomain } from "./grant-fields.tsx";

type DialogState = { open: boolean; onOpenChange: (open: boolean) => void };

/** Adds a connector, or changes one. What was typed is forgotten when the dialog closes: it may be a secret. */
export function ConnectorDialog({
  kinds,
  before,
  ...state
}: DialogState & { kinds: readonly ConnectorKindView[]; before: ConnectorView | null }) {
  return (
    <Dialog
      {...state}
      wide
      title={before ? `Change ${before.name}` : "Add a connector"}
      description={
        before
          ? "Steps that begin from now on use what is saved here."
          : "A system that can isolate or rebuild nodes. It acts in approved remediations only."
      }
    >
      {state.open && <ConnectorForm {...state} kinds={kinds} before={before} />}
    </Dialog>
  );
}

function ConnectorForm({
  kinds,
  before,
  onOpenChange,
}: DialogState & { kinds: readonly ConnectorKindView[]; before: ConnectorView | null }) {
  const [draft, setDraft] = useState<ConnectorDraft | null>(() => firstDraft(kinds, before));
  const form = kinds.find(({ kind }) => kind === draft?.kind);
  const trustDomainId = useChosenDomain(draft?.trustDomainId ?? "");
  const turned = before !== null && draft !== null && form !== undefined && wantsSecrets(draft, before, form);
  const withSecrets = turned || draft?.withSecrets === true;
  const queryClient = useQueryClient();
  const save = useMutation({
    mutationFn: async () => {
      if (!draft || !form) throw new Error("There is nothing to save");
      const body = {
        name: draft.name,
        selector: draft.selector,
        settings: typedValues(form.settings, draft.settings),
      };
      const secrets = typedValues(form.secrets, draft.secrets) as Record<string, string>;
      return before
        ? changeConnector(before.id, { ...body, ...(withSecrets && { secrets }) })
        : createConnector({
            ...body,
            kind: draft.kind,
            secrets,
            ...(trustDomainId !== null && { trustDomainId }),
          });
    },
    onSuccess: async ({ name }) => {
      await queryClient.invalidateQueries({ queryKey: connectorKeys.all });
      announceDone({ title: before ? `${name} was changed` : `${name} is there now. Test it.` });
      onOpenChange(false);
    },
  });
  if (!draft || !form) return <p>This version knows no kind of connector for it.</p>;
  const set = (change: Partial<ConnectorDraft>) => setDraft({ ...draft, ...change });

  return (
    <KindForm
      id="connector"
      before={before !== null}
      kinds={kinds}
      kindHint={`Rights it needs: docs/guide/${form.guide}.md`}
      nameMax={63}
      draft={draft}
      fields={form}
      secrets={{ given: withSecrets, forced: turned }}
      save={save}
      onKind={(kind) => {
        const chosen = kinds.find((one) => one.kind === kind);
        const { name, selector } = draft;
        if (chosen) setDraft({ ...newDraft(chosen), name, selector });
      }}
      onChange={set}
      onCancel={() => onOpenChange(false)}
    >
      {!before && (
        <DomainField
          id="connector-domain"
          hint="Whose nodes it acts on; those of other domains are left alone."
          value={draft.trustDomainId}
          onChange={(chosen) => set({ trustDomainId: chosen })}
        />
      )}
      <Field
        id="connector-selector"
        label="Nodes"
        hint='Which of them it acts on, for example node.labels.cluster == "prod". Empty = all that its system knows.'
      >
        <Input
          id="connector-selector"
          maxLength={2_000}
          spellCheck={false}
          autoComplete="off"
          value={draft.selector}
          onChange={(event) => set({ selector: event.target.value })}
          aria-describedby={fieldHintId("connector-selector")}
          className="font-mono"
        />
      </Field>
    </KindForm>
  );
}

function firstDraft(
  kinds: readonly ConnectorKindView[],
  before: ConnectorView | null,
): ConnectorDraft | null {
  const form = before ? kinds.find(({ kind }) => kind === before.kind) : kinds[0];
  if (!form) return null;
  return before ? draftOf(before, form) : newDraft(form);
}
