import type { Metadata } from "next";
import { AccountPage } from "#components/auth/account-page";
import { requirePageContext } from "#lib/server/page-context";

export const metadata: Metadata = { title: "Account" };

export default async function Account() {
  await requirePageContext("account:own");
  return <AccountPage />;
}
