"use client";

import { useQuery } from "@tanstack/react-query";
import { trustDomainsOptions } from "#lib/client/access";
import { displayText } from "#lib/client/format";
import { ROLES, type Role } from "#lib/domain/access";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";

/** What is typed about a role: an empty text = no end (for an auditor: 90 days), an empty domain = the topmost one. */
export type GrantInput = { role: Role; trustDomainId: string; days: string };

export const FIRST_GRANT: GrantInput = { role: "viewer", trustDomainId: "", days: "" };

/** What the server is told. */
export function grantBody({ role, days }: GrantInput): { role: Role; expiresInDays?: number } {
  return { role, ...(days === "" ? {} : { expiresInDays: Number(days) }) };
}

/** Chooses a role, where it counts and when it ends. */
export function GrantFields({
  id,
  value,
  onChange,
  endless = false,
}: {
  id: string;
  /** No end can be chosen: the role follows something else. */
  endless?: boolean;
  value: GrantInput;
  onChange: (value: GrantInput) => void;
}) {
  const auditor = value.role === "auditor";
  return (
    <>
      <Field id={`${id}-role`} label="Role">
        <Select
          id={`${id}-role`}
          value={value.role}
          onChange={(event) => onChange({ ...value, role: event.target.value as Role })}
          options={ROLES.map((role) => ({ value: role, label: role }))}
        />
      </Field>
      <DomainField
        id={`${id}-domain`}
        value={value.trustDomainId}
        onChange={(trustDomainId) => onChange({ ...value, trustDomainId })}
      />
      {!endless && (
        <Field
          id={`${id}-days`}
          label="Ends after (days)"
          hint={auditor ? "1 to 90; empty = 90. An auditor is let in for a time." : "Empty = no end."}
        >
          <Input
            id={`${id}-days`}
            type="number"
            min={1}
            max={auditor ? 90 : 3_650}
            value={value.days}
            onChange={(event) => onChange({ ...value, days: event.target.value })}
            aria-describedby={fieldHintId(`${id}-days`)}
          />
        </Field>
      )}
    </>
  );
}

/** Chooses a trust domain; the hint says what that means, by itself that it counts for everything below it too. */
export function DomainField({
  id,
  value,
  hint = "And everything below it.",
  onChange,
}: {
  id: string;
  value: string;
  hint?: string;
  onChange: (trustDomainId: string) => void;
}) {
  const { data } = useQuery(trustDomainsOptions());
  const items = data?.items ?? [];
  return (
    <Field id={id} label="Trust domain" hint={hint}>
      <Select
        id={id}
        value={value || (items[0]?.id ?? "")}
        onChange={(event) => onChange(event.target.value)}
        aria-describedby={fieldHintId(id)}
        options={items.map((item) => ({
          value: item.id,
          label: `${"\u2003".repeat(item.depth)}${displayText(item.name).text}`,
        }))}
      />
    </Field>
  );
}

/** The chosen domain, or the topmost one when none was; `null` while they are loading. */
export function useChosenDomain(trustDomainId: string): string | null {
  const { data } = useQuery(trustDomainsOptions());
  return trustDomainId || (data?.items[0]?.id ?? null);
}
