"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { nodeSearchOptions } from "#lib/client/baselines";
import { displayText } from "#lib/client/format";
import type { ContentOrigin } from "#lib/contracts/baseline";
import { Field, fieldHintId, Input, Textarea } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";

/** What a content is made of, as it is being typed. */
export type OriginDraft = { kind: ContentOrigin["kind"]; nodeId: string; selector: string; document: string };

const ORIGIN_LABELS: Readonly<Record<ContentOrigin["kind"], string>> = {
  cohort: "The most common state of a cohort",
  golden_node: "One golden node",
  keylime: "A Keylime reference state or runtime policy",
  document: "A document (JSON or YAML)",
};

/** The origin as the API takes it; `null` while something is missing. */
export function originOf({ kind, nodeId, selector, document }: OriginDraft): ContentOrigin | null {
  switch (kind) {
    case "cohort":
      return { kind, selector: selector.trim() };
    case "golden_node":
      return nodeId === "" ? null : { kind, nodeId };
    default:
      return document.trim() === "" ? null : { kind, document };
  }
}

export function OriginFields({
  value,
  onChange,
  kinds,
}: {
  value: OriginDraft;
  onChange: (value: OriginDraft) => void;
  kinds: readonly ContentOrigin["kind"][];
}) {
  const { kind, selector, document } = value;
  return (
    <>
      <Field id="origin-kind" label="Made from">
        <Select
          id="origin-kind"
          value={kind}
          onChange={(event) => onChange({ ...value, kind: event.target.value as OriginDraft["kind"] })}
          options={kinds.map((known) => ({ value: known, label: ORIGIN_LABELS[known] }))}
        />
      </Field>
      {kind === "cohort" && (
        <Field
          id="origin-selector"
          label="Cohort"
          hint="CEL over the node; empty = all nodes. Per path the value that most of them have becomes the expected one."
        >
          <Input
            id="origin-selector"
            value={selector}
            maxLength={2_000}
            onChange={(event) => onChange({ ...value, selector: event.target.value })}
            placeholder={'node.labels.role == "gpu"'}
            className="font-mono"
            aria-describedby={fieldHintId("origin-selector")}
          />
        </Field>
      )}
      {kind === "golden_node" && <NodeField value={value} onChange={onChange} />}
      {(kind === "keylime" || kind === "document") && (
        <Field
          id="origin-document"
          label={kind === "keylime" ? "Contents of the file" : "Document"}
          hint={
            kind === "keylime"
              ? "JSON as Keylime writes it. What has no counterpart is listed below."
              : "entries: path → accepted values; scope, ignore and tolerances are optional."
          }
        >
          <Textarea
            id="origin-document"
            rows={14}
            spellCheck={false}
            value={document}
            onChange={(event) => onChange({ ...value, document: event.target.value })}
            className="font-mono text-small"
            aria-describedby={fieldHintId("origin-document")}
          />
        </Field>
      )}
      {kind === "keylime" && (
        <input
          type="file"
          accept=".json,application/json"
          aria-label="Choose a file"
          className="touch text-small"
          onChange={(event) => {
            void event.target.files?.[0]?.text().then((text) => onChange({ ...value, document: text }));
          }}
        />
      )}
    </>
  );
}

function NodeField({ value, onChange }: { value: OriginDraft; onChange: (value: OriginDraft) => void }) {
  const [search, setSearch] = useState("");
  const nodes = useQuery({ ...nodeSearchOptions(search.trim()), enabled: search.trim().length > 1 });
  const found = nodes.data?.items ?? [];
  const choices = found.map(({ id, displayName }) => ({ value: id, label: displayText(displayName).text }));
  return (
    <>
      <Field id="origin-search" label="Find the node" hint="Two characters of its name or of an identity.">
        <Input
          id="origin-search"
          type="search"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          aria-describedby={fieldHintId("origin-search")}
        />
      </Field>
      {(choices.length > 0 || value.nodeId !== "") && (
        <Field id="origin-node" label="Golden node">
          <Select
            id="origin-node"
            value={value.nodeId}
            onChange={(event) => onChange({ ...value, nodeId: event.target.value })}
            options={[
              { value: "", label: "Choose" },
              ...choices,
              ...(value.nodeId !== "" && !choices.some(({ value: id }) => id === value.nodeId)
                ? [{ value: value.nodeId, label: value.nodeId }]
                : []),
            ]}
          />
        </Field>
      )}
    </>
  );
}
