"use client";

import Form from "next/form";
import { useId } from "react";
import type { AuditSearch } from "#lib/client/audit";
import { paths } from "#lib/client/paths";
import { Button, buttonClass } from "../ui/button.tsx";
import { Field, Input } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";

const TEXTS = [
  { name: "actor", label: "Actor", placeholder: "e-mail or id" },
  { name: "action", label: "Action", placeholder: "source or source.create" },
  { name: "entityId", label: "Object id", placeholder: "" },
  { name: "address", label: "Address", placeholder: "192.0.2.1" },
  { name: "requestId", label: "Request id", placeholder: "" },
] as const;

const OUTCOMES = [
  { value: "", label: "any" },
  { value: "done", label: "done" },
  { value: "refused", label: "refused" },
];

/** Every filter is part of the address, so a search can be sent to somebody. */
export function AuditFilter({ search }: { search: AuditSearch }) {
  const id = useId();
  return (
    <Form action={paths.audit()} className="grid grid-cols-2 gap-2 py-3 md:grid-cols-3 xl:grid-cols-6">
      {TEXTS.map(({ name, label, placeholder }) => (
        <Field key={name} id={`${id}-${name}`} label={label}>
          <Input
            id={`${id}-${name}`}
            name={name}
            defaultValue={search[name] ?? ""}
            placeholder={placeholder}
            autoComplete="off"
          />
        </Field>
      ))}
      <Field id={`${id}-outcome`} label="Outcome">
        <Select id={`${id}-outcome`} name="outcome" defaultValue={search.outcome ?? ""} options={OUTCOMES} />
      </Field>
      <div className="col-span-full flex flex-wrap gap-2">
        <Button type="submit" variant="primary">
          Filter
        </Button>
        <a className={buttonClass()} href={paths.api.auditExport({ ...search, format: "csv" })} download>
          Export CSV
        </a>
        <a className={buttonClass()} href={paths.api.auditExport({ ...search, format: "jsonl" })} download>
          Export JSON lines
        </a>
      </div>
    </Form>
  );
}
