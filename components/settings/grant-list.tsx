"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { accessKeys, revokeRole } from "#lib/client/access";
import { displayText } from "#lib/client/format";
import { dayWords } from "#lib/client/period";
import type { PersonView, RoleGrantView } from "#lib/contracts/access";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Badge } from "../ui/badge.tsx";
import { useNow } from "../ui/clock.tsx";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";

/** The roles of a person, each with its domain and its end. */
export function GrantList({ person, reason }: { person: PersonView; reason: string | null }) {
  return (
    <ul className="flex flex-col gap-1">
      {person.grants.map((grant) => (
        <GrantItem
          key={`${grant.trustDomainId} ${grant.role}`}
          person={person}
          grant={grant}
          reason={reason}
        />
      ))}
    </ul>
  );
}

const FOLLOWS = "Follows a group of the identity provider; change the group or its rule instead.";

function GrantItem({
  person,
  grant,
  reason,
}: {
  person: PersonView;
  grant: RoleGrantView;
  reason: string | null;
}) {
  const [asking, setAsking] = useState(false);
  const now = useNow();
  const { role, trustDomain, expiresAt, origin, review } = grant;
  const over = expiresAt !== null && Date.parse(expiresAt) <= now;
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 text-small">
      <span className="flex min-w-0 flex-wrap items-center gap-x-2">
        <span className="font-medium">{role}</span>
        <span className="min-w-0 break-words text-muted">in {displayText(trustDomain).text} and below</span>
        {review && <Badge>Only {dayWords(review)}</Badge>}
        {origin === "oidc" && <Badge>From a group</Badge>}
        {over && <Badge tone="warn">Ended</Badge>}
        {expiresAt !== null && (
          <span className="text-muted">
            until <Timestamp iso={expiresAt} absolute />
          </span>
        )}
      </span>
      <GuardedButton
        size="sm"
        reason={reason ?? (origin === "oidc" ? FOLLOWS : null)}
        aria-label={`Take away the role ${role} in ${trustDomain} from ${person.email}`}
        onClick={() => setAsking(true)}
      >
        Take away
      </GuardedButton>
      <RevokeDialog person={person} grant={grant} open={asking} onOpenChange={setAsking} />
    </li>
  );
}

function RevokeDialog({
  person,
  grant,
  open,
  onOpenChange,
}: {
  person: PersonView;
  grant: RoleGrantView;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const queryClient = useQueryClient();
  const { trustDomainId, trustDomain, role } = grant;
  const name = displayText(person.email).text;
  const revoke = useMutation({
    mutationFn: () => revokeRole(person.id, { trustDomainId, role }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: accessKeys.all });
      announceDone({ title: `${name} is no longer ${role} in ${trustDomain}` });
      onOpenChange(false);
    },
  });
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(next) => {
        onOpenChange(next);
        if (!next) revoke.reset();
      }}
      title={`Take the role ${role} away?`}
      verb="Take the role away"
      pending={revoke.isPending}
      problem={revoke.error && <FormProblem error={revoke.error} />}
      onConfirm={() => revoke.mutate()}
    >
      <p>
        {name} loses it in {displayText(trustDomain).text} and everything below, from the next request on. All
        sessions of this person end.
      </p>
    </ConfirmDialog>
  );
}
