import { CopyButton } from "./copy-button.tsx";

/** Text to run or paste, with a button that copies exactly it. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <section
      aria-label={label}
      className="flex min-w-0 items-start rounded-[4px] border border-line bg-sunken p-1 pl-3"
    >
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        className="min-w-0 flex-1 overflow-x-auto py-1 font-mono text-small text-fg"
      >
        {code}
      </pre>
      <CopyButton value={code} label={`Copy: ${label}`} />
    </section>
  );
}
