/** What is typed into the form of a connector, and what the server is told of it. */
import type { ConnectorKindView, ConnectorView } from "#lib/contracts/connector";
import { asTyped, filledValues, initialValues, type KindValues } from "../forms/kind-values.ts";

export type ConnectorDraft = {
  kind: string;
  name: string;
  selector: string;
  /** `""` = the topmost one. */
  trustDomainId: string;
  settings: KindValues;
  secrets: KindValues;
  /** Secrets are given; of a new connector always. */
  withSecrets: boolean;
};

export function newDraft({ kind, settings, secrets }: ConnectorKindView): ConnectorDraft {
  return {
    kind,
    name: "",
    selector: "",
    trustDomainId: "",
    settings: initialValues(settings),
    secrets: initialValues(secrets),
    withSecrets: true,
  };
}

export function draftOf(
  { kind, name, selector, trustDomainId, settings }: ConnectorView,
  form: ConnectorKindView,
): ConnectorDraft {
  return {
    ...newDraft(form),
    kind,
    name,
    selector,
    trustDomainId,
    settings: filledValues(form.settings, settings),
    withSecrets: false,
  };
}

/** Whether secrets have to be given with this draft: the system that is talked to is another one. */
export function wantsSecrets(draft: ConnectorDraft, before: ConnectorView, form: ConnectorKindView): boolean {
  return form.settings
    .filter(({ input }) => input === "url" || input === "pem")
    .some(({ name }) => draft.settings[name] !== asTyped(before.settings[name] ?? ""));
}
