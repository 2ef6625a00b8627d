"use client";

import { useState } from "react";
import { Dialog } from "../ui/dialog.tsx";
import { setPreferences, usePreferences } from "../ui/preferences.tsx";
import { useShortcutList, useShortcuts } from "./shortcuts.tsx";

/** `?`: what the keys do here, and the switch that turns single keys off. */
export function ShortcutHelp() {
  const [open, setOpen] = useState(false);
  const list = useShortcutList();
  useShortcuts([{ keys: "?", label: "Show the shortcuts", group: "Anywhere", run: () => setOpen(true) }]);
  return (
    <Dialog open={open} onOpenChange={setOpen} title="Keyboard shortcuts">
      {open && (
        <div className="flex flex-col gap-4">
          {(["This page", "Anywhere"] as const).map((group) => {
            const rows = list().filter((shortcut) => shortcut.group === group);
            if (rows.length === 0) return null;
            return (
              <section key={group}>
                <h3 className="label mb-1">{group}</h3>
                <dl>
                  {rows.map(({ keys, label }) => (
                    <div key={keys} className="flex h-8 items-center justify-between border-b border-line">
                      <dt>{label}</dt>
                      <dd>
                        <Keys keys={keys} />
                      </dd>
                    </div>
                  ))}
                </dl>
              </section>
            );
          })}
          <SingleKeySwitch />
        </div>
      )}
    </Dialog>
  );
}

/** Turns shortcuts of one or two plain keys off and on; ⌘K stays. */
export function SingleKeySwitch() {
  const { singleKeys } = usePreferences();
  return (
    <label className="touch flex items-center gap-2">
      <input
        type="checkbox"
        checked={singleKeys}
        onChange={(event) => setPreferences({ singleKeys: event.target.checked })}
        className="size-4 accent-accent"
      />
      Single-key shortcuts
    </label>
  );
}

/** Keys as caps: `mod+k` reads ⌘ K or Ctrl K. */
export function Keys({ keys }: { keys: string }) {
  const isMac = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.userAgent);
  const caps = keys.replace("mod+", isMac ? "⌘ " : "Ctrl ").split(" ");
  return (
    <span className="inline-flex gap-1">
      {caps.map((cap) => (
        <kbd
          key={cap}
          className="inline-flex h-5 min-w-5 items-center justify-center rounded-[3px] border border-line-strong bg-sunken px-1 font-mono text-label text-muted"
        >
          {cap === "Enter" ? "↵" : cap}
        </kbd>
      ))}
    </span>
  );
}
