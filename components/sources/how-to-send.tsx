"use client";

import { useSyncExternalStore } from "react";
import { paths } from "#lib/client/paths";
import { CodeBlock } from "../ui/code-block.tsx";
import { sourceKind } from "./source-kinds.tsx";

const never = () => () => {};

/** Where this Touchstone is reached, as the browser sees it. */
export function useOrigin(): string {
  return useSyncExternalStore(
    never,
    () => window.location.origin,
    () => "http://127.0.0.1:3000",
  );
}

/** A command that sends one message of a kind to a source; the key comes from the environment. */
export function exampleCurl({ kind, id, origin }: { kind: string; id: string; origin: string }): string {
  const { mediaType, data } = sourceKind(kind).example;
  return [
    `curl -sS ${origin}${paths.api.deliver(id)}`,
    `  -H "authorization: Bearer $TOUCHSTONE_KEY"`,
    `  -H "content-type: ${mediaType}"`,
    `  ${data}`,
  ].join(" \\\n");
}

/** What this kind of source sends, and a command to try it with. */
export function HowToSend({ kind, id }: { kind: string; id: string }) {
  const origin = useOrigin();
  const { sends, note, secretHint } = sourceKind(kind);
  return (
    <div className="flex flex-col gap-2">
      <p className="max-w-[70ch]">{sends}</p>
      <CodeBlock label="Send one message" code={exampleCurl({ kind, id, origin })} />
      <p className="max-w-[70ch] text-small text-muted">
        {note}{" "}
        {secretHint === undefined ? (
          <>
            The same events are also accepted as CloudEvents at{" "}
            <code className="font-mono">{paths.api.events()}</code>.
          </>
        ) : (
          <>
            The API key is needed besides the signature; a sender that can set no header carries it in the
            address, as <code className="font-mono">?key=…</code>.
          </>
        )}
      </p>
    </div>
  );
}
