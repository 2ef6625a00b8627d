/** What is typed into the form of a connector, and what the server is told of it. */
import type { ConnectorField, ConnectorKindView, ConnectorView } from "#lib/contracts/connector";

type Value = string | number | boolean;

export type ConnectorDraft = {
  kind: string;
  name: string;
  selector: string;
  /** `""` = the topmost one. */
  trustDomainId: string;
  /** As text, as inputs hold it; switches as they are. */
  settings: Readonly<Record<string, string | boolean>>;
  secrets: Readonly<Record<string, string | boolean>>;
  /** Secrets are given; of a new connector always. */
  withSecrets: boolean;
};

const asTyped = (value: Value): string | boolean => (typeof value === "boolean" ? value : String(value));

const initialOf = (fields: readonly ConnectorField[]) =>
  Object.fromEntries(fields.map(({ name, initial }) => [name, asTyped(initial ?? "")]));

export function newDraft({ kind, settings, secrets }: ConnectorKindView): ConnectorDraft {
  return {
    kind,
    name: "",
    selector: "",
    trustDomainId: "",
    settings: initialOf(settings),
    secrets: initialOf(secrets),
    withSecrets: true,
  };
}

export function draftOf(
  { kind, name, selector, trustDomainId, settings }: ConnectorView,
  form: ConnectorKindView,
): ConnectorDraft {
  const given = Object.entries(settings).map(([field, value]) => [field, asTyped(value)]);
  return {
    ...newDraft(form),
    kind,
    name,
    selector,
    trustDomainId,
    settings: { ...initialOf(form.settings), ...Object.fromEntries(given) },
    withSecrets: false,
  };
}

/** Numbers as numbers; what was left empty although it may be is left to the kind. */
export function typedValues(
  fields: readonly ConnectorField[],
  values: Readonly<Record<string, string | boolean>>,
): Record<string, Value> {
  return Object.fromEntries(
    fields.flatMap(({ name, input, required }): [string, Value][] => {
      const value = values[name] ?? "";
      if (value === "" && !required) return [];
      return [[name, input === "number" && value !== "" ? Number(value) : value]];
    }),
  );
}

/** Whether secrets have to be given with this draft: the system that is talked to is another one. */
export function wantsSecrets(draft: ConnectorDraft, before: ConnectorView, form: ConnectorKindView): boolean {
  return form.settings
    .filter(({ input }) => input === "url" || input === "pem")
    .some(({ name }) => draft.settings[name] !== asTyped(before.settings[name] ?? ""));
}
