import type { Metadata } from "next";
import { CreateBaselinePage } from "#components/baselines/create-baseline";
import { requirePageContext } from "#lib/server/page-context";

export const metadata: Metadata = { title: "Create baseline" };

type Search = Record<string, string | string[] | undefined>;
const textOf = (value: Search[string]) => (typeof value === "string" ? value : null);

export default async function NewBaselinePage({ searchParams }: { searchParams: Promise<Search> }) {
  await requirePageContext("baseline:draft");
  const { from, node, selector, source, submod } = await searchParams;
  const start = {
    from: textOf(from),
    node: textOf(node),
    selector: textOf(selector),
    source: textOf(source),
    submod: textOf(submod),
  };
  return <CreateBaselinePage start={start} />;
}
