import type { Metadata } from "next";
import { CheckPackPage } from "#components/report/check-pack-page";
import { requirePageContext } from "#lib/server/page-context";

export const metadata: Metadata = { title: "Check a pack" };

export default async function CheckPack() {
  await requirePageContext("compliance:read");
  return <CheckPackPage />;
}
