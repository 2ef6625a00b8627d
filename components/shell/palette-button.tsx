"use client";

import { Search } from "lucide-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import { Keys } from "./shortcut-help.tsx";
import { useShortcuts } from "./shortcuts.tsx";

const CommandPalette = dynamic(() => import("./command-palette.tsx").then((m) => m.CommandPalette), {
  ssr: false,
});

/** ⌘K: the palette's code is fetched when it is opened for the first time. */
export function PaletteButton() {
  const [open, setOpen] = useState(false);
  const [used, setUsed] = useState(false);
  function show() {
    setUsed(true);
    setOpen(true);
  }
  useShortcuts([{ keys: "mod+k", label: "Open the command palette", group: "Anywhere", run: show }]);
  return (
    <>
      <button
        type="button"
        onClick={show}
        className="touch inline-flex h-8 items-center justify-center gap-2 rounded-[4px] border border-line px-2 text-small text-muted hover:bg-hover"
      >
        <Search aria-hidden className="size-4" />
        <span className="sr-only">Command palette</span>
        <span className="hidden lg:inline" suppressHydrationWarning>
          <Keys keys="mod+k" />
        </span>
      </button>
      {used && <CommandPalette open={open} onOpenChange={setOpen} />}
    </>
  );
}
