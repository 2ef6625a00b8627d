import { CopyButton } from "../ui/copy-button.tsx";
import { HostileText } from "../ui/hostile-text.tsx";

const linesOf = (text: string) => text.split(/\r?\n/).map((line, index) => ({ line, number: index + 1 }));

/** An expression as it was written; characters that hide or reorder are shown, as they change what a reader sees. */
export function Expression({ text }: { text: string }) {
  return (
    <code className="block font-mono">
      {linesOf(text).map(({ line, number }) => (
        <HostileText
          key={number}
          text={line}
          className="flex! [&_bdi]:break-words [&_bdi]:whitespace-pre-wrap"
        />
      ))}
    </code>
  );
}

/** The text of a policy with numbers of lines; the button copies exactly the text. */
export function PolicyText({ label, text }: { label: string; text: string }) {
  return (
    <section
      aria-label={label}
      className="flex min-w-0 items-start rounded-[4px] border border-line bg-bg p-1"
    >
      <div
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        className="max-h-[60vh] min-w-0 flex-1 overflow-auto py-1 font-mono text-small"
      >
        <div className="w-max min-w-full">
          {linesOf(text.replace(/\r?\n$/, "")).map(({ line, number }) => (
            <div key={number} className="grid grid-cols-[4ch_auto] gap-x-3">
              <span aria-hidden className="text-right text-muted select-none">
                {number}
              </span>
              <HostileText text={line} className="[&_bdi]:whitespace-pre" />
            </div>
          ))}
        </div>
      </div>
      <CopyButton value={text} label={`Copy: ${label}`} />
    </section>
  );
}
