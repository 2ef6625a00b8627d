"use client";

import type { PolicyView } from "#lib/contracts/policy";
import { Field } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import type { Proposed } from "./node-trial.tsx";

/** Which version is tried: the one of the address, else the newest. The built-in policy has one, by its text. */
export function subjectOf(
  { name, builtIn, text, versions }: PolicyView,
  version: number | null,
): { version: number; proposed: Proposed } {
  const chosen = versions.find((one) => one.version === version)?.version ?? versions[0]?.version ?? 1;
  return { version: chosen, proposed: builtIn ? { text } : { name, version: chosen } };
}

export function VersionField({
  id,
  policy: { builtIn, versions },
  version,
  onChange,
}: {
  id: string;
  policy: PolicyView;
  version: number;
  onChange: (version: number) => void;
}) {
  if (builtIn) return null;
  return (
    <Field id={id} label="Version">
      <Select
        id={id}
        value={`${version}`}
        options={versions.map((one) => ({
          value: `${one.version}`,
          label: `v${one.version} (${one.stage})`,
        }))}
        onChange={(event) => onChange(Number(event.target.value))}
      />
    </Field>
  );
}
