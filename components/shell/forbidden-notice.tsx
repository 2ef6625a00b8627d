"use client";

import { Lock } from "lucide-react";
import type { ReactNode } from "react";
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
  const { role } = useAccount();
  return (
    <EmptyState title={title} icon={<Lock aria-hidden className="size-4" />}>
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
