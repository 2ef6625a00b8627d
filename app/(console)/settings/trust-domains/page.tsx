import type { Metadata } from "next";
import { TrustDomainsPage } from "#components/settings/trust-domains-page";
import { requirePageContext } from "#lib/server/page-context";

export const metadata: Metadata = { title: "Trust domains" };

/** Nothing is prefetched: the tree is shown whole, whatever the scope of the address is. */
export default async function TrustDomainsSettings() {
  await requirePageContext("user:read");
  return <TrustDomainsPage />;
}
