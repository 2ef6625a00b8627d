"use client";

import { type ReactNode, useState } from "react";
import { displayText } from "#lib/client/format";
import type { Permission } from "#lib/domain/access";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { Badge } from "../ui/badge.tsx";
import { Card } from "../ui/card.tsx";
import { Timestamp } from "../ui/timestamp.tsx";

/** A setting of one trust domain in versions: its own, that of a domain above, or the built-in one. */
type Versioned = {
  name: string;
  origin: "own" | "inherited" | "built_in";
  version: number;
  reason: string | null;
  changedAt: string | null;
  changedBy: string | null;
};
type DialogState = { open: boolean; onOpenChange: (open: boolean) => void };

/** @param what what a person changes here, in the plural or the singular as it is said: "rule", "limits" */
export function DomainSettingCard({
  domain,
  what,
  permission,
  children,
  dialog,
}: {
  domain: Versioned;
  what: string;
  permission: Permission;
  children: ReactNode;
  dialog: (state: DialogState) => ReactNode;
}) {
  const [open, onOpenChange] = useState(false);
  const disabled = useDisabledReason(permission);
  const name = displayText(domain.name).text;
  const origins = { own: `own ${what}`, inherited: "inherited", built_in: "built-in" };
  return (
    <Card
      title={name}
      actions={
        <span className="flex items-center gap-2">
          <Badge tone={domain.origin === "own" ? "accent" : "neutral"}>{origins[domain.origin]}</Badge>
          <GuardedButton
            size="sm"
            reason={disabled}
            aria-label={`Change the ${what} of ${name}`}
            onClick={() => onOpenChange(true)}
          >
            Change
          </GuardedButton>
        </span>
      }
    >
      {children}
      {domain.changedAt !== null && (
        <p className="pt-2 text-small break-words text-muted">
          Version {domain.version} by {domain.changedBy ?? "somebody"} <Timestamp iso={domain.changedAt} />:{" "}
          {displayText(domain.reason ?? "").text}
        </p>
      )}
      {dialog({ open, onOpenChange })}
    </Card>
  );
}
