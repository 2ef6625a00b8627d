"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { useTheme } from "next-themes";
import { useSyncExternalStore } from "react";
import { cn } from "../ui/cn.tsx";

const THEMES = [
  { value: "light", label: "Light", icon: Sun },
  { value: "dark", label: "Dark", icon: Moon },
  { value: "system", label: "System", icon: Monitor },
] as const;

const never = () => () => {};

/** Light, dark or as the system has it. The choice is known in the browser only, so it is marked there. */
export function ThemeSwitch() {
  const { theme, setTheme } = useTheme();
  const inBrowser = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  return (
    <fieldset className="inline-flex rounded-[4px] border border-line p-0.5">
      <legend className="sr-only">Theme</legend>
      {THEMES.map(({ value, label, icon: Icon }) => {
        const chosen = inBrowser && theme === value;
        return (
          <button
            key={value}
            type="button"
            aria-label={`${label} theme`}
            title={`${label} theme`}
            aria-pressed={chosen}
            onClick={() => setTheme(value)}
            className={cn(
              "touch inline-flex size-7 items-center justify-center rounded-[3px]",
              chosen ? "bg-selected text-fg" : "text-muted hover:text-fg",
            )}
          >
            <Icon aria-hidden className="size-3.5" />
          </button>
        );
      })}
    </fieldset>
  );
}

/** Turns light to dark and back, whichever is on screen. */
export function useThemeFlip(): () => void {
  const { resolvedTheme, setTheme } = useTheme();
  return () => setTheme(resolvedTheme === "dark" ? "light" : "dark");
}
