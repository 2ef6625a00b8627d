"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { accessKeys, addGroupRole, groupRolesOptions, removeGroupRole } from "#lib/client/access";
import { displayText } from "#lib/client/format";
import type { GroupRoleBody, GroupRoleList, GroupRoleView } from "#lib/contracts/access";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { Field, Input } from "../ui/input.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { FIRST_GRANT, GrantFields, useChosenDomain } from "./grant-fields.tsx";
import { SettingsTabs } from "./settings-tabs.tsx";

/** The identity provider, and which roles its groups give. */
export function SingleSignOnPage() {
  const { data, error, refetch } = useQuery(groupRolesOptions());
  const reason = useDisabledReason("user:manage");
  const [adding, setAdding] = useState(false);
  return (
    <>
      <PageHeader
        title="Single sign-on"
        actions={
          <GuardedButton variant="primary" reason={reason} onClick={() => setAdding(true)}>
            Give a group a role
          </GuardedButton>
        }
      />
      <SettingsTabs />
      {data === undefined && !error && <SkeletonRows rows={3} label="Loading single sign-on" />}
      {data === undefined && error && (
        <ErrorPanel title="The settings could not be loaded" error={error} onRetry={() => void refetch()} />
      )}
      {data && <Provider provider={data.provider} />}
      {data?.items.length === 0 && (
        <EmptyState title="No group gives a role">
          Whoever signs in with the identity provider is refused until one of their groups gives a role.
        </EmptyState>
      )}
      <ul>
        {data?.items.map((rule) => (
          <Rule key={`${rule.trustDomainId} ${rule.role} ${rule.group}`} rule={rule} reason={reason} />
        ))}
      </ul>
      <Dialog
        open={adding}
        onOpenChange={setAdding}
        title="Give a group a role"
        description="Its members hold it from their next sign-in on."
      >
        {adding && <RuleForm onDone={() => setAdding(false)} />}
      </Dialog>
    </>
  );
}

function Provider({ provider }: { provider: GroupRoleList["provider"] }) {
  if (provider === null) {
    return (
      <p className="max-w-[80ch] py-3 text-muted">
        No identity provider is configured: only local accounts sign in. The guide to access says which
        variables name one.
      </p>
    );
  }
  return (
    <dl className="grid max-w-[80ch] grid-cols-[max-content_1fr] gap-x-4 gap-y-1 py-3 text-data">
      <dt className="text-muted">Issuer</dt>
      <dd className="min-w-0 font-mono text-small break-all">{provider.issuer}</dd>
      <dt className="text-muted">Client</dt>
      <dd className="min-w-0 font-mono text-small break-all">{provider.clientId}</dd>
      <dt className="text-muted">Claim with the groups</dt>
      <dd className="min-w-0 font-mono text-small break-all">{provider.groupsClaim}</dd>
    </dl>
  );
}

function Rule({ rule, reason }: { rule: GroupRoleView; reason: string | null }) {
  const queryClient = useQueryClient();
  const { trustDomainId, trustDomain, group, role } = rule;
  const remove = useMutation({
    mutationFn: () => removeGroupRole({ trustDomainId, group, role }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: accessKeys.all }),
  });
  const name = displayText(group).text;
  return (
    <li className="border-b border-line py-2">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <span className="min-w-0 break-words">
          <span className="font-medium">{name}</span>{" "}
          <span className="text-muted">
            gives {role} in {displayText(trustDomain).text} and below
          </span>
        </span>
        <GuardedButton
          size="sm"
          pending={remove.isPending}
          reason={reason}
          aria-label={`Take away the role ${role} from the group ${name}`}
          onClick={() => remove.mutate()}
        >
          Take away
        </GuardedButton>
      </div>
      {remove.error && <FormProblem error={remove.error} />}
    </li>
  );
}

function RuleForm({ onDone }: { onDone: () => void }) {
  const queryClient = useQueryClient();
  const [group, setGroup] = useState("");
  const [input, setInput] = useState(FIRST_GRANT);
  const trustDomainId = useChosenDomain(input.trustDomainId);
  const add = useMutation({
    mutationFn: (body: GroupRoleBody) => addGroupRole(body),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: accessKeys.all });
      onDone();
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (trustDomainId !== null) add.mutate({ trustDomainId, group, role: input.role });
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field id="group-name" label="Group, as the provider writes it">
        <Input
          id="group-name"
          required
          maxLength={200}
          value={group}
          onChange={(event) => setGroup(event.target.value)}
        />
      </Field>
      <GrantFields id="rule" value={input} onChange={setInput} endless />
      {add.error && <FormProblem error={add.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" variant="primary" pending={add.isPending}>
          Give the role
        </Button>
      </div>
    </form>
  );
}
