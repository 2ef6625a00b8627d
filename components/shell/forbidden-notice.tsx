"use client";

import { Lock } from "lucide-react";
import type { ReactNode } from "react";
import { dayWords } from "#lib/client/period";
import { PERMISSIONS, type Permission } from "#lib/domain/access";
import { EmptyState } from "../ui/empty-state.tsx";
import { useAccount } from "./account-context.tsx";

/** In place of what the role does not allow: which permission is missing, who holds it, who can give it. */
export function ForbiddenNotice({
  title,
  permission,
  children,
}: {
  title: string;
  /** Unknown where one page stands in for many. */
  permission?: Permission;
  /** What the person can look at instead. */
  children?: ReactNode;
}) {
  const { role, review } = useAccount();
  const lock = <Lock aria-hidden className="size-4" />;
  if (review) {
    return (
      <EmptyState title="This is not part of your review" icon={lock}>
        <p>
          You were let in to review {dayWords(review)}: Compliance shows all of it. If you need more, ask the
          person who let you in.
        </p>
      </EmptyState>
    );
  }
  return (
    <EmptyState title={title} icon={lock}>
      <p>
        {permission && (
          <>
            It needs the permission <code className="font-mono">{permission}</code>, which the roles{" "}
            {PERMISSIONS[permission].join(", ")} hold.{" "}
          </>
        )}
        You are {role}. Someone with the role {PERMISSIONS["user:manage"].join(" or ")} can give you another
        role.
      </p>
      {children && <p className="mt-1">{children}</p>}
    </EmptyState>
  );
}
