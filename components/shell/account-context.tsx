"use client";

import { createContext, type ReactNode, useContext } from "react";
import { isPresent } from "#lib/client/time-travel";
import type { AccountView } from "#lib/contracts/account";
import type { Permission, Role } from "#lib/domain/access";
import { PERMISSIONS } from "#lib/domain/access";
import { useTimeTravel } from "./time-travel.tsx";

const AccountContext = createContext<AccountView | null>(null);

export function AccountProvider({ account, children }: { account: AccountView; children: ReactNode }) {
  return <AccountContext value={account}>{children}</AccountContext>;
}

/** The signed-in person. */
export function useAccount(): AccountView {
  const account = useContext(AccountContext);
  if (!account) throw new Error("AccountProvider is missing above this component");
  return account;
}

/**
 * Why the signed-in person may not do something, as a sentence for a disabled control; `null` when allowed.
 * The server decides; this only spares a useless attempt.
 */
export function useDisabledReason(permission: Permission): string | null {
  const missing = useMissingRole(permission);
  const { time } = useTimeTravel();
  if (!isPresent(time)) return "This page shows the past. Go back to now to change something.";
  return missing;
}

/** The same for what only reads, which the past does not forbid. */
export function useMissingRole(permission: Permission): string | null {
  const account = useAccount();
  if (account.permissions.includes(permission)) return null;
  const roles: readonly Role[] = PERMISSIONS[permission];
  const needed = roles.join(" or ");
  return `Needs the role ${needed}; you are ${account.role}.`;
}
