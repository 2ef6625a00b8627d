import { DistrustPage } from "#components/sources/distrust-page";
import { requirePageContext } from "#lib/server/page-context";

export default async function DistrustKeyPage({
  params,
}: {
  params: Promise<{ sourceId: string; kid: string }>;
}) {
  await requirePageContext("change:propose");
  const { sourceId, kid } = await params;
  return <DistrustPage sourceId={sourceId} kid={decodeURIComponent(kid)} />;
}
