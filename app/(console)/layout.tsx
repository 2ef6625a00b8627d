import type { ReactNode } from "react";
import { ConsoleShell } from "#components/shell/console-shell";
import { requirePageContext } from "#lib/server/page-context";
import { accountGet } from "#lib/services/account/get";

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const ctx = await requirePageContext("account:own");
  return <ConsoleShell account={accountGet(ctx)}>{children}</ConsoleShell>;
}
