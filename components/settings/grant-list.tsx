"use client";

import { useState } from "react";
import { displayText } from "#lib/client/format";
import { dayWords } from "#lib/client/period";
import type { PersonView, RoleGrantView } from "#lib/contracts/access";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { Badge } from "../ui/badge.tsx";
import { useNow } from "../ui/clock.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { FOLLOWS, RevokeDialog } from "./revoke-dialog.tsx";

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
      <RevokeDialog
        userId={person.id}
        email={person.email}
        grant={grant}
        open={asking}
        onOpenChange={setAsking}
      />
    </li>
  );
}
