import Link from "next/link";
import type { ReactNode } from "react";
import Markdown, { type Components } from "react-markdown";
import { pathOfLink } from "#lib/client/runbook-link";

/** A link within the product opens as such; another page of the folder by its name; all else in a new tab. */
function MarkdownLink({ href = "", children }: { href?: string | undefined; children?: ReactNode }) {
  const path = pathOfLink(href);
  if (path !== null) {
    return (
      <Link href={path} className="link">
        {children}
      </Link>
    );
  }
  return (
    <a href={href} className="link break-words" target="_blank" rel="noreferrer">
      {children}
    </a>
  );
}

/** The page has its one H1 already, so headings begin one below it. */
const PARTS: Components = {
  h1: ({ children }) => <h2 className="pt-3 text-title font-semibold">{children}</h2>,
  h2: ({ children }) => <h2 className="pt-3 text-title font-semibold">{children}</h2>,
  h3: ({ children }) => <h3 className="pt-2 text-data font-semibold">{children}</h3>,
  p: ({ children }) => <p className="break-words">{children}</p>,
  ul: ({ children }) => <ul className="flex list-disc flex-col gap-1.5 pl-5">{children}</ul>,
  ol: ({ children, start }) => (
    <ol start={start} className="flex list-decimal flex-col gap-1.5 pl-5">
      {children}
    </ol>
  ),
  li: ({ children }) => <li className="break-words">{children}</li>,
  a: ({ href, children }) => <MarkdownLink href={href}>{children}</MarkdownLink>,
  code: ({ children }) => <code className="font-mono text-small break-words">{children}</code>,
  pre: ({ children }) => (
    <pre
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
      tabIndex={0}
      className="overflow-x-auto rounded-[4px] border border-line bg-sunken px-3 py-2 font-mono text-small [&_code]:break-normal"
    >
      {children}
    </pre>
  ),
  blockquote: ({ children }) => (
    <blockquote className="border-l-2 border-line-strong pl-3 text-muted">{children}</blockquote>
  ),
  hr: () => <hr className="border-line" />,
};

/** Text of our own documentation. HTML in it is shown as text, pictures are left out. */
export function MarkdownText({ text }: { text: string }) {
  return (
    <div className="flex max-w-[75ch] flex-col gap-3 text-data">
      <Markdown components={PARTS} disallowedElements={["img"]}>
        {text}
      </Markdown>
    </div>
  );
}
