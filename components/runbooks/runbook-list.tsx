import Link from "next/link";
import { paths } from "#lib/client/paths";
import { PageHeader } from "../ui/page-header.tsx";

/** What to do when something is wrong, by title. */
export function RunbookList({ runbooks }: { runbooks: readonly { id: string; title: string }[] }) {
  return (
    <>
      <PageHeader title="Runbooks" meta="What to do, step by step" />
      <ul className="max-w-[900px] border-t border-line">
        {runbooks.map(({ id, title }) => (
          <li key={id} className="border-b border-line">
            <Link
              href={paths.runbook(id)}
              className="flex min-h-11 flex-wrap items-center justify-between gap-x-3 px-1 py-1.5 hover:bg-hover"
            >
              <span className="min-w-0 break-words">{title}</span>
              <code className="font-mono text-small text-muted">{id}</code>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
