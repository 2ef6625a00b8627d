/** What to do when something is wrong: the pages of `docs/runbooks`, as they are installed. */
import "server-only";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

export type RunbookTitle = { id: string; title: string };
/** `text` is Markdown without the heading that became the title. */
export type Runbook = RunbookTitle & { text: string };

const folder = () => join(process.cwd(), "docs", "runbooks");
/** A name that cannot lead out of the folder. */
const Id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}$/);
const TITLE = /^# (?:Runbook: )?(.+)\n/;

/** Every runbook by title. */
export async function runbooks(): Promise<RunbookTitle[]> {
  const names = (await readdir(folder())).filter((name) => name.endsWith(".md"));
  const found = await Promise.all(names.map((name) => runbookOf(name.slice(0, -".md".length))));
  return found
    .flatMap((runbook) => (runbook ? [{ id: runbook.id, title: runbook.title }] : []))
    .sort((a, b) => a.title.localeCompare(b.title, "en"));
}

/** One runbook; `null` = there is none of that name. */
export async function runbookOf(name: string): Promise<Runbook | null> {
  const id = Id.safeParse(name);
  if (!id.success) return null;
  try {
    const text = await readFile(join(folder(), `${id.data}.md`), "utf8");
    const title = TITLE.exec(text)?.[1]?.trim();
    return title ? { id: id.data, title: capital(title), text: text.replace(TITLE, "") } : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

const capital = (title: string) => title.charAt(0).toUpperCase() + title.slice(1);
