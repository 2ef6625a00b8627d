"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { accessKeys } from "#lib/client/access";
import { displayText } from "#lib/client/format";
import {
  removeWorkloadTrust,
  revokeServiceRole,
  setServiceAccountDisabled,
} from "#lib/client/service-accounts";
import type { ServiceAccountView, ServiceGrantView, WorkloadTrustView } from "#lib/contracts/service-account";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Badge } from "../ui/badge.tsx";
import { useNow } from "../ui/clock.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { GrantServiceRoleDialog, TrustDialog } from "./service-account-dialogs.tsx";
import { CreateServiceKeyDialog } from "./service-key-dialogs.tsx";
import { ServiceKeys } from "./service-keys.tsx";

type Asking = "role" | "key" | "trust" | null;

/** One account: what it may do, and how it signs in. */
export function ServiceAccountCard({
  account,
  issuers,
  reason,
}: {
  account: ServiceAccountView;
  issuers: readonly string[];
  reason: string | null;
}) {
  const [asking, setAsking] = useState<Asking>(null);
  const dialog = (which: Asking) => ({
    open: asking === which,
    onOpenChange: (open: boolean) => setAsking(open ? which : null),
  });
  const { name, owner, trustDomain, disabledAt, audience } = account;
  const waits = account.keys.length === 0 && account.trusts.length === 0;
  const noIssuer = issuers.length === 0 ? "TOUCHSTONE_WORKLOAD_ISSUERS names no issuer." : null;
  return (
    <li className="flex flex-col gap-2 border-b border-line py-3" aria-label={name}>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div className="min-w-0">
          <h2 className="flex flex-wrap items-center gap-2 font-medium">
            {name}
            {disabledAt !== null && <Badge tone="warn">Disabled</Badge>}
            {owner.disabled && <Badge tone="danger">Owner is disabled</Badge>}
            {waits && <Badge>Cannot sign in yet</Badge>}
          </h2>
          <p className="text-small break-words text-muted">
            In {displayText(trustDomain).text}, owned by {displayText(owner.email).text}
          </p>
        </div>
        <Disable account={account} reason={reason} />
      </div>
      <Part
        title="Roles"
        action={<Act reason={reason} verb="Give a role" name={name} onAct={() => setAsking("role")} />}
      >
        {account.grants.length === 0 && (
          <p className="text-small text-muted">None: every request is refused.</p>
        )}
        <ul aria-label={`Roles of ${name}`}>
          {account.grants.map((grant) => (
            <Grant
              key={`${grant.trustDomainId} ${grant.role}`}
              account={account}
              grant={grant}
              reason={reason}
            />
          ))}
        </ul>
      </Part>
      <Part
        title="Keys"
        action={<Act reason={reason} verb="Create a key" name={name} onAct={() => setAsking("key")} />}
      >
        <ServiceKeys account={account} reason={reason} />
      </Part>
      <Part
        title="Trusted tokens"
        action={
          <Act
            reason={reason ?? noIssuer}
            verb="Trust an issuer"
            name={name}
            onAct={() => setAsking("trust")}
          />
        }
      >
        <p className="flex flex-wrap items-center gap-1 text-small text-muted">
          Audience <code className="min-w-0 font-mono break-all">{audience}</code>
          <CopyButton value={audience} label={`Copy the audience of ${name}`} />
        </p>
        <ul aria-label={`Trusted tokens of ${name}`}>
          {account.trusts.map((trust) => (
            <Trust key={trust.id} account={account} trust={trust} reason={reason} />
          ))}
        </ul>
      </Part>
      <GrantServiceRoleDialog account={account} {...dialog("role")} />
      <CreateServiceKeyDialog account={account} {...dialog("key")} />
      <TrustDialog account={account} issuers={issuers} {...dialog("trust")} />
    </li>
  );
}

function Part({
  title,
  action,
  children,
}: {
  title: string;
  action: React.ReactNode;
  children: React.ReactNode;
}) {
  return (
    <section className="flex flex-col gap-1 md:pl-3">
      <div className="flex items-center justify-between gap-2">
        <h3 className="label text-fg">{title}</h3>
        {action}
      </div>
      {children}
    </section>
  );
}

function Act({
  reason,
  verb,
  name,
  onAct,
}: {
  reason: string | null;
  verb: string;
  name: string;
  onAct: () => void;
}) {
  return (
    <GuardedButton size="sm" variant="ghost" reason={reason} aria-label={`${verb}: ${name}`} onClick={onAct}>
      {verb}
    </GuardedButton>
  );
}

function useDone(mutationFn: () => Promise<unknown>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: accessKeys.all }),
  });
}

function Disable({ account, reason }: { account: ServiceAccountView; reason: string | null }) {
  const disabled = account.disabledAt !== null;
  const set = useDone(() => setServiceAccountDisabled(account.id, !disabled));
  const verb = disabled ? "Enable" : "Disable";
  return (
    <div>
      <GuardedButton
        size="sm"
        reason={reason}
        pending={set.isPending}
        aria-label={`${verb} ${account.name}`}
        onClick={() => set.mutate()}
      >
        {verb}
      </GuardedButton>
      {set.error && <FormProblem error={set.error} />}
    </div>
  );
}

function Grant({
  account,
  grant,
  reason,
}: {
  account: ServiceAccountView;
  grant: ServiceGrantView;
  reason: string | null;
}) {
  const { role, trustDomainId, trustDomain, expiresAt } = grant;
  const now = useNow();
  const revoke = useDone(() => revokeServiceRole(account.id, { trustDomainId, role }));
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 text-small">
      <span className="flex min-w-0 flex-wrap items-center gap-x-2">
        <span className="font-medium">{role}</span>
        <span className="min-w-0 break-words text-muted">in {displayText(trustDomain).text} and below</span>
        {expiresAt !== null && Date.parse(expiresAt) <= now && <Badge tone="warn">Ended</Badge>}
        {expiresAt !== null && (
          <span className="text-muted">
            until <Timestamp iso={expiresAt} absolute />
          </span>
        )}
      </span>
      <GuardedButton
        size="sm"
        reason={reason}
        pending={revoke.isPending}
        aria-label={`Take away the role ${role} in ${trustDomain} from ${account.name}`}
        onClick={() => revoke.mutate()}
      >
        Take away
      </GuardedButton>
      {revoke.error && <FormProblem error={revoke.error} />}
    </li>
  );
}

function Trust({
  account,
  trust,
  reason,
}: {
  account: ServiceAccountView;
  trust: WorkloadTrustView;
  reason: string | null;
}) {
  const remove = useDone(() => removeWorkloadTrust(account.id, trust.id));
  const wanted = [
    ...(trust.subject === null ? [] : [`sub=${trust.subject}`]),
    ...Object.entries(trust.claims).map(([name, text]) => `${name}=${text}`),
  ].join(" ");
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1 border-t border-line py-1.5 text-small">
      <div className="min-w-0">
        <p className="break-all">
          <HostileText text={trust.issuer} max={200} />
        </p>
        <p className="font-mono break-all">
          <HostileText text={wanted} max={300} />
        </p>
        <p className="font-mono break-words text-muted">{trust.scopes.join(" ")}</p>
        <p className="text-muted">
          {trust.lastUsedAt === null ? "Never used" : "Last used "}
          {trust.lastUsedAt !== null && <Timestamp iso={trust.lastUsedAt} />}
        </p>
      </div>
      <GuardedButton
        size="sm"
        reason={reason}
        pending={remove.isPending}
        aria-label={`Trust ${wanted} no more`}
        onClick={() => remove.mutate()}
      >
        Remove
      </GuardedButton>
      {remove.error && <FormProblem error={remove.error} />}
    </li>
  );
}
