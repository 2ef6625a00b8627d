import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { Brand } from "#components/shell/brand";
import { paths } from "#lib/client/paths";
import { PROBLEMS, type ProblemCode } from "#lib/domain/problems";

type Props = { params: Promise<{ code: string[] }> };

async function codeOf(props: Props): Promise<ProblemCode | null> {
  const code = (await props.params).code.join("/");
  return Object.hasOwn(PROBLEMS, code) ? (code as ProblemCode) : null;
}

/** Paragraphs of a problem's text; lines that begin with a dash are a list. */
function paragraphsOf(text: string): { lead: string; list: string[] }[] {
  return text
    .trim()
    .split(/\n{2,}/)
    .map((block) => {
      const lines = block.split("\n");
      return {
        lead: lines.filter((line) => !line.startsWith("- ")).join(" "),
        list: lines.filter((line) => line.startsWith("- ")).map((line) => line.slice(2)),
      };
    });
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const code = await codeOf(props);
  return { title: code ? PROBLEMS[code].title : "No such problem" };
}

/** What the `type` of a problem document leads to. Public: senders read it without an account. */
export default async function ProblemPage(props: Props) {
  const code = await codeOf(props);
  if (!code) notFound();
  const text = await readFile(join(process.cwd(), "docs", "problems", `${code}.md`), "utf8");
  const { title, status } = PROBLEMS[code];
  return (
    <main className="mx-auto w-full max-w-[640px] px-4 py-8">
      <Link href={paths.overview()} aria-label="Touchstone: overview" className="mb-8 inline-block">
        <Brand />
      </Link>
      <p className="label">
        {code} · status {status}
      </p>
      <h1 className="mt-1 mb-4 text-title font-semibold tracking-[-0.01em]">{title}</h1>
      {paragraphsOf(text).map(({ lead, list }) => (
        <section key={lead} className="mb-4">
          <p className={list.length > 0 ? "mb-1 font-medium" : "text-fg"}>{lead}</p>
          {list.length > 0 && (
            <ul className="flex list-disc flex-col gap-1 pl-5 text-muted">
              {list.map((item) => (
                <li key={item}>{item}</li>
              ))}
            </ul>
          )}
        </section>
      ))}
    </main>
  );
}
