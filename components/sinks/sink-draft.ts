/** What is typed into the form of a sink, and what the server is told of it. */
import type { CreateSinkBody, SinkField, SinkList, SinkView, UpdateSinkBody } from "#lib/contracts/sink";
import { FACT_KINDS, type FactKind } from "#lib/domain/feed/fact";
import { OCSF_VERSIONS, type OcsfVersion } from "#lib/domain/ocsf/event";
import {
  filledValues,
  initialValues,
  type KindField,
  type KindValues,
  leadsElsewhere,
  typedValues,
} from "../forms/kind-values.ts";

export type SinkKind = SinkList["kinds"][number];

export type SinkDraft = {
  kind: string;
  name: string;
  settings: KindValues;
  secrets: KindValues;
  /** Secrets are given; of a new sink always. */
  withSecrets: boolean;
  ocsfVersion: OcsfVersion;
  facts: readonly FactKind[];
  /** Of a new sink: from now on, or from the first that is kept. */
  begin: "now" | "kept";
};

/** The fields of a form, as every kind of form has them. */
export const sinkFields = (fields: readonly SinkField[]): KindField[] =>
  fields.map(({ type, ...field }) => ({ ...field, input: type }));

export function newSinkDraft({ kind, settings, secrets }: SinkKind): SinkDraft {
  return {
    kind,
    name: "",
    settings: initialValues(sinkFields(settings)),
    secrets: initialValues(sinkFields(secrets)),
    withSecrets: true,
    ocsfVersion: OCSF_VERSIONS[0],
    facts: FACT_KINDS,
    begin: "now",
  };
}

export function draftOfSink({ name, settings, ocsfVersion, facts }: SinkView, kind: SinkKind): SinkDraft {
  return {
    ...newSinkDraft(kind),
    ...{ name, ocsfVersion, facts },
    settings: filledValues(sinkFields(kind.settings), settings),
    withSecrets: false,
  };
}

/** Whether secrets are sent: they are asked for anew when they would go somewhere else. */
export const givesSecrets = (draft: SinkDraft, before: SinkView | null): boolean =>
  draft.withSecrets || (before !== null && leadsElsewhere(draft.settings, before.settings));

export function createSinkBody(draft: SinkDraft, form: SinkKind): CreateSinkBody {
  const { kind, begin } = draft;
  return { ...common(draft, form), kind, begin, secrets: typedSecrets(draft, form) };
}

/** Whether it is on stays as it is. */
export function updateSinkBody(draft: SinkDraft, form: SinkKind, before: SinkView): UpdateSinkBody {
  return {
    ...common(draft, form),
    secrets: givesSecrets(draft, before) ? typedSecrets(draft, form) : null,
    enabled: before.disabledAt === null,
  };
}

/** The sink as it is, turned on or off. */
export function switchedSink(
  { name, settings, ocsfVersion, facts }: SinkView,
  enabled: boolean,
): UpdateSinkBody {
  return { name, settings, ocsfVersion, facts, enabled, secrets: null };
}

function common({ name, settings, ocsfVersion, facts }: SinkDraft, form: SinkKind) {
  return {
    ...{ name, ocsfVersion, facts: [...facts] },
    settings: typedValues(sinkFields(form.settings), settings) as Record<string, string | number>,
  };
}

const typedSecrets = ({ secrets }: SinkDraft, form: SinkKind) =>
  typedValues(sinkFields(form.secrets), secrets) as Record<string, string>;
