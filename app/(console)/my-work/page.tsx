import type { Metadata } from "next";
import { MyWorkPage } from "#components/my-work/my-work";
import { requirePageContext } from "#lib/server/page-context";

export const metadata: Metadata = { title: "My work" };

export default async function MyWork() {
  await requirePageContext("remediation:read");
  return <MyWorkPage />;
}
