"use client";

import { Field, Input } from "./input.tsx";

/** A text that must be typed exactly before something dangerous can be sent. */
export function TypedConfirmation({
  id,
  label,
  phrase,
  value,
  onChange,
}: {
  id: string;
  label: string;
  phrase: string;
  value: string;
  onChange: (value: string) => void;
}) {
  const wrong = value !== "" && !phrase.startsWith(value);
  return (
    <Field id={id} label={label}>
      <Input
        id={id}
        value={value}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={200}
        aria-invalid={wrong || undefined}
        onChange={(event) => onChange(event.target.value)}
        className="font-mono"
      />
    </Field>
  );
}
