"use client";

import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import { usePreferences } from "../ui/preferences.tsx";

/** `keys` is one key (`j`), two in a row (`g n`), or with the command key (`mod+k`). */
export type Shortcut = { keys: string; label: string; group: "Anywhere" | "This page"; run: () => void };

type Registry = { add: (shortcut: Shortcut) => () => void; list: () => Shortcut[] };

const RegistryContext = createContext<Registry | null>(null);
const SEQUENCE_MS = 1_200;

/** The one place that listens to keys; mounted pages register what they can do. */
export function ShortcutProvider({ children }: { children: ReactNode }) {
  const { singleKeys } = usePreferences();
  const shortcuts = useRef(new Set<Shortcut>());
  const [registry] = useState<Registry>(() => ({
    add: (shortcut) => {
      shortcuts.current.add(shortcut);
      return () => {
        shortcuts.current.delete(shortcut);
      };
    },
    list: () => [...shortcuts.current],
  }));

  useEffect(() => {
    let first = "";
    let firstAt = 0;

    function onKeyDown(event: KeyboardEvent) {
      if (event.defaultPrevented || event.isComposing || event.altKey) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const mod = event.metaKey || event.ctrlKey;
      if (!mod && (!singleKeys || isTyping(event.target) || isInOverlay())) return;
      if (key === " " && isPressable(event.target)) return;

      const pressed = mod ? `mod+${key}` : key;
      const inTime = event.timeStamp - firstAt < SEQUENCE_MS;
      const sequence = !mod && first && inTime ? `${first} ${key}` : null;
      const match =
        (sequence && registry.list().findLast((s) => s.keys === sequence)) ||
        registry.list().findLast((s) => s.keys === pressed);

      const startsSequence = registry.list().some((s) => s.keys.startsWith(`${pressed} `));
      first = !match && startsSequence ? key : "";
      firstAt = event.timeStamp;
      if (!match) return;
      event.preventDefault();
      match.run();
    }

    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [registry, singleKeys]);

  return <RegistryContext value={registry}>{children}</RegistryContext>;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest("input, textarea, select, [role=slider]") !== null)
  );
}

/** Space presses what has the focus, on every page. */
function isPressable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("button, summary, [role=button]") !== null;
}

/** While a dialog or menu is open the page below it does not react. */
function isInOverlay(): boolean {
  return (
    document.querySelector(
      "[role=dialog]:not([data-passive]), [role=menu], [role=listbox][data-state=open]",
    ) !== null
  );
}

function useRegistry(): Registry {
  const registry = useContext(RegistryContext);
  if (!registry) throw new Error("ShortcutProvider is missing above this component");
  return registry;
}

/** Registers shortcuts while mounted; the actions may change between renders, keys and labels may not. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const registry = useRegistry();
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    const removals = latest.current.map((shortcut, index) =>
      registry.add({ ...shortcut, run: () => latest.current[index]?.run() }),
    );
    return () => {
      for (const remove of removals) remove();
    };
  }, [registry]);
}

/** All shortcuts that work right now; read when the help is opened. */
export function useShortcutList(): () => Shortcut[] {
  return useRegistry().list;
}
