"use client";

import { Field, fieldHintId, Input, Textarea } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import type { KindField, KindValues } from "./kind-values.ts";

/** The controls of a form that the kind describes. Secrets are typed unseen and never filled in. */
export function KindFields({
  id,
  fields,
  values,
  secret = false,
  onChange,
}: {
  id: string;
  fields: readonly KindField[];
  values: KindValues;
  secret?: boolean;
  onChange: (values: KindValues) => void;
}) {
  return fields.map((field) => (
    <One
      key={field.name}
      id={`${id}-${field.name}`}
      field={field}
      secret={secret}
      value={values[field.name] ?? ""}
      onChange={(value) => onChange({ ...values, [field.name]: value })}
    />
  ));
}

function One({
  id,
  field: { title, description, input, choices, required },
  secret,
  value,
  onChange,
}: {
  id: string;
  field: KindField;
  secret: boolean;
  value: string | boolean;
  onChange: (value: string | boolean) => void;
}) {
  const described = { id, "aria-describedby": fieldHintId(id) };
  if (input === "switch") {
    return (
      <div className="flex flex-col gap-1">
        <label className="touch flex items-center gap-2 text-small font-medium">
          <input
            {...described}
            type="checkbox"
            checked={value === true}
            onChange={(event) => onChange(event.target.checked)}
            className="size-4 accent-accent"
          />
          {title}
        </label>
        <p id={fieldHintId(id)} className="text-small text-muted">
          {description}
        </p>
      </div>
    );
  }
  const text = String(value);
  return (
    <Field id={id} label={title} hint={description}>
      {input === "choice" ? (
        <Select
          {...described}
          value={text}
          onChange={(event) => onChange(event.target.value)}
          options={choices.map((choice) => ({ value: choice, label: choice }))}
        />
      ) : input === "pem" ? (
        <Textarea
          {...described}
          rows={3}
          spellCheck={false}
          required={required}
          value={text}
          onChange={(event) => onChange(event.target.value)}
          className="font-mono"
        />
      ) : (
        <Input
          {...described}
          type={secret ? "password" : input === "number" ? "number" : input === "url" ? "url" : "text"}
          autoComplete={secret ? "new-password" : "off"}
          spellCheck={false}
          required={required}
          value={text}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

/** Whether secrets are given anew; `forced` = another system would be sent the stored ones. */
export function NewSecrets({
  given,
  forced,
  onChange,
}: {
  given: boolean;
  forced: boolean;
  onChange: (given: boolean) => void;
}) {
  return (
    <label className="touch flex items-center gap-2 text-small font-medium">
      <input
        type="checkbox"
        className="size-4 accent-accent"
        checked={given}
        disabled={forced}
        onChange={(event) => onChange(event.target.checked)}
      />
      {forced ? "Give the secrets again: another system would be sent them" : "Give new secrets"}
    </label>
  );
}
