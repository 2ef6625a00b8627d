"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { peopleOptions } from "#lib/client/access";
import { displayText, formatPlural } from "#lib/client/format";
import type { PersonView } from "#lib/contracts/access";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { Badge } from "../ui/badge.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { CreatePersonDialog } from "./create-person-dialog.tsx";
import { EffectivePermissions } from "./effective-permissions.tsx";
import { GrantDialog } from "./grant-dialog.tsx";
import { GrantList } from "./grant-list.tsx";
import { RoleTable } from "./role-table.tsx";
import { SettingsTabs } from "./settings-tabs.tsx";
import { StrongRoles } from "./strong-roles.tsx";

/** Who may do what, where and until when. */
export function PeoplePage() {
  const { data, error, refetch } = useQuery(peopleOptions());
  const reason = useDisabledReason("user:manage");
  const [creating, setCreating] = useState(false);
  return (
    <>
      <PageHeader
        title="People"
        meta={data && formatPlural(data.items.length, "person", "people")}
        actions={
          <GuardedButton variant="primary" reason={reason} onClick={() => setCreating(true)}>
            Let somebody in
          </GuardedButton>
        }
      />
      <SettingsTabs />
      {data === undefined && !error && <SkeletonRows rows={4} label="Loading people" />}
      {data === undefined && error && (
        <ErrorPanel title="The people could not be loaded" error={error} onRetry={() => void refetch()} />
      )}
      <StrongRoles reason={reason} />
      <ul>
        {data?.items.map((person) => (
          <Person key={person.id} person={person} reason={reason} />
        ))}
      </ul>
      <EffectivePermissions />
      <RoleTable />
      <CreatePersonDialog open={creating} onOpenChange={setCreating} />
    </>
  );
}

function Person({ person, reason }: { person: PersonView; reason: string | null }) {
  const [granting, setGranting] = useState(false);
  const name = displayText(person.email).text;
  return (
    <li className="flex flex-col gap-2 border-b border-line py-3">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div className="flex min-w-0 flex-wrap items-center gap-2">
          <h2 className="min-w-0 font-medium break-all">{name}</h2>
          {person.issuer !== null && <Badge title={person.issuer}>Single sign-on</Badge>}
          {person.secondFactor && <Badge>Second factor</Badge>}
          {person.mustChangePassword && <Badge tone="warn">One-time password</Badge>}
          {person.disabledAt !== null && <Badge tone="warn">Disabled</Badge>}
        </div>
        <GuardedButton
          size="sm"
          reason={reason}
          aria-label={`Give a role to ${name}`}
          onClick={() => setGranting(true)}
        >
          Give a role
        </GuardedButton>
      </div>
      <GrantList person={person} reason={reason} />
      <GrantDialog person={person} open={granting} onOpenChange={setGranting} />
    </li>
  );
}
