import { SourceAbout } from "#components/sources/source-about";
import { requirePageContext } from "#lib/server/page-context";

export default async function SourcePage({ params }: { params: Promise<{ sourceId: string }> }) {
  await requirePageContext("source:read");
  return <SourceAbout sourceId={(await params).sourceId} />;
}
