"use client";

import { useQuery } from "@tanstack/react-query";
import { trustDomainsOptions } from "#lib/client/access";
import { displayText } from "#lib/client/format";
import { quarterChoices, wholeBounds } from "#lib/client/period";
import type { ReviewView } from "#lib/contracts/access";
import { ROLES, type Role } from "#lib/domain/access";
import { useNow } from "../ui/clock.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";

const DAY_MS = 86_400_000;

/**
 * What is typed about a role: an empty text = no end (for an auditor: 90 days), an empty domain = the topmost one. What an
 * auditor may look at is a period by its name, empty = any time; `OTHER` = from the first to the last day that are typed.
 */
export type GrantInput = {
  role: Role;
  trustDomainId: string;
  days: string;
  review: string;
  firstDay: string;
  lastDay: string;
};

export const FIRST_GRANT: GrantInput = {
  ...{ role: "viewer", trustDomainId: "", days: "" },
  ...{ review: "", firstDay: "", lastDay: "" },
};

const OTHER = "other";

/** What the server is told. */
export function grantBody(input: GrantInput): { role: Role; expiresInDays?: number; review?: ReviewView } {
  const { role, days } = input;
  const review = role === "auditor" ? reviewOf(input) : null;
  return { role, ...(days === "" ? {} : { expiresInDays: Number(days) }), ...(review && { review }) };
}

function reviewOf({ review, firstDay, lastDay }: GrantInput): ReviewView | null {
  if (review !== OTHER) return wholeBounds(review);
  const endMs = Date.parse(`${lastDay}T00:00:00.000Z`) + DAY_MS;
  return { from: `${firstDay}T00:00:00.000Z`, to: new Date(endMs).toISOString() };
}

/** Chooses a role, where it counts and when it ends. */
export function GrantFields({
  id,
  value,
  onChange,
  endless = false,
  people = false,
}: {
  id: string;
  /** No end can be chosen: the role follows something else. */
  endless?: boolean;
  /** For a person, whom one may let in to review a period. */
  people?: boolean;
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
      {auditor && people && <ReviewFields id={id} value={value} onChange={onChange} />}
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

/** Chooses what an auditor may look at. */
function ReviewFields({
  id,
  value,
  onChange,
}: {
  id: string;
  value: GrantInput;
  onChange: (value: GrantInput) => void;
}) {
  const nowMs = useNow();
  const quarters = quarterChoices(nowMs).map(({ value: name, label }) => ({
    value: name,
    label: `Only ${label.split(",")[0]}`,
  }));
  const day = (name: "firstDay" | "lastDay", label: string) => (
    <Field id={`${id}-${name}`} label={label}>
      <Input
        id={`${id}-${name}`}
        type="date"
        required
        min={name === "lastDay" ? value.firstDay : undefined}
        value={value[name]}
        onChange={(event) => onChange({ ...value, [name]: event.target.value })}
      />
    </Field>
  );
  return (
    <>
      <Field
        id={`${id}-review`}
        label="May look at"
        hint="With a period the person sees compliance of that period and nothing else, and holds no other role."
      >
        <Select
          id={`${id}-review`}
          value={value.review}
          onChange={(event) => onChange({ ...value, review: event.target.value })}
          aria-describedby={fieldHintId(`${id}-review`)}
          options={[
            { value: "", label: "Any time" },
            ...quarters,
            { value: OTHER, label: "Only another period" },
          ]}
        />
      </Field>
      {value.review === OTHER && (
        <div className="grid grid-cols-2 gap-3">
          {day("firstDay", "First day (UTC)")}
          {day("lastDay", "Last day (UTC)")}
        </div>
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
