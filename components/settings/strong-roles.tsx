"use client";

import { useQuery } from "@tanstack/react-query";
import { strongRolesOptions } from "#lib/client/access";
import { displayText, formatPlural } from "#lib/client/format";
import type { StrongRoleView } from "#lib/contracts/strong-role";
import { CardAction, useOneDialog } from "../forms/card-action.tsx";
import { Badge } from "../ui/badge.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { ConfirmRoleDialog } from "./confirm-role-dialog.tsx";
import { FOLLOWS, RevokeDialog } from "./revoke-dialog.tsx";

const OWN = "Somebody else has to confirm a role of yours.";

/** Who may approve, execute or administer, and whether somebody else confirmed it lately; what is due first. */
export function StrongRoles({ reason }: { reason: string | null }) {
  const { data, error, refetch } = useQuery(strongRolesOptions());
  const [due, rest] = [data?.items.filter((item) => item.due), data?.items.filter((item) => !item.due)];
  return (
    <section className="mt-3 mb-6" aria-labelledby="strong-roles">
      <h2 id="strong-roles" tabIndex={-1} className="label mb-1 text-fg">
        Strong roles to confirm
      </h2>
      <p className="mb-2 max-w-[72ch] text-small text-muted">
        Whoever may approve, execute or administer is looked at every 90 days by somebody else: confirm what
        is still needed, take away what is not.
      </p>
      {data === undefined && !error && <SkeletonRows rows={2} label="Loading strong roles" />}
      {data === undefined && error && (
        <ErrorPanel
          title="The strong roles could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      {due?.length === 0 && (
        <p className="text-small">
          Nothing is due.
          {rest?.[0] && (
            <>
              {" "}
              The next one is on <Timestamp iso={rest[0].dueAt} absolute />.
            </>
          )}
        </p>
      )}
      {due && due.length > 0 && <Roles label="Strong roles that are due" items={due} reason={reason} />}
      {rest && rest.length > 0 && (
        <details className="mt-2">
          <summary className="touch cursor-pointer py-1 text-small text-muted">
            {formatPlural(rest.length, "strong role is not due", "strong roles are not due")}
          </summary>
          <Roles label="Strong roles that are not due" items={rest} reason={reason} />
        </details>
      )}
    </section>
  );
}

function Roles({
  label,
  items,
  reason,
}: {
  label: string;
  items: readonly StrongRoleView[];
  reason: string | null;
}) {
  return (
    <ul aria-label={label}>
      {items.map((item) => (
        <StrongRole key={`${item.userId} ${item.trustDomainId} ${item.role}`} item={item} reason={reason} />
      ))}
    </ul>
  );
}

function StrongRole({ item, reason }: { item: StrongRoleView; reason: string | null }) {
  const { ask, stateOf } = useOneDialog<"confirm" | "revoke">();
  const { userId, email, role, origin, expiresAt } = item;
  const [name, domain] = [displayText(email).text, displayText(item.trustDomain).text];
  const of = `the role ${role} of ${name} in ${domain}`;
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line py-2">
      <div className="min-w-0 text-small">
        <p className="flex min-w-0 flex-wrap items-center gap-x-2">
          <span className="min-w-0 font-medium break-all">{name}</span>
          <span className="min-w-0 break-words">
            {role} in {domain} and below
          </span>
          {item.due && <Badge tone="warn">Due</Badge>}
          {item.own && <Badge>Yours</Badge>}
          {origin === "oidc" && <Badge>From a group</Badge>}
          {item.disabledAt !== null && <Badge tone="warn">Disabled</Badge>}
        </p>
        <Last item={item} />
        <p className="text-muted">
          {item.due ? "Due since" : "Due on"} <Timestamp iso={item.dueAt} absolute />
          {expiresAt !== null && (
            <>
              {" "}
              · held until <Timestamp iso={expiresAt} absolute />
            </>
          )}
        </p>
      </div>
      <div className="ml-auto flex flex-wrap justify-end gap-2">
        <CardAction
          verb="Confirm"
          of={of}
          reason={reason ?? (item.own ? OWN : null)}
          onClick={() => ask("confirm")}
        />
        <CardAction
          verb="Take away"
          of={of}
          reason={reason ?? (origin === "oidc" ? FOLLOWS : null)}
          onClick={() => ask("revoke")}
        />
      </div>
      <ConfirmRoleDialog item={item} {...stateOf("confirm")} />
      <RevokeDialog userId={userId} email={email} grant={item} {...stateOf("revoke")} />
    </li>
  );
}

/** Who looked at it last, and when. */
function Last({ item: { confirmed, givenAt, ownGift } }: { item: StrongRoleView }) {
  if (confirmed === null)
    return (
      <p className="text-muted">
        Given <Timestamp iso={givenAt} absolute />
        {ownGift ? " by the same person" : ""}, confirmed by nobody yet
      </p>
    );
  return (
    <p className="min-w-0 break-words text-muted">
      Last confirmed <Timestamp iso={confirmed.at} absolute /> by {displayText(confirmed.by).text}
      {confirmed.note !== "" && <>: {displayText(confirmed.note).text}</>}
    </p>
  );
}
