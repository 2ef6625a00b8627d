"use client";

import { useTheme } from "next-themes";
import { Toaster } from "sonner";

/** Results of one's own actions, bottom right, announced politely. */
export function Toasts() {
  const { resolvedTheme } = useTheme();
  return (
    <Toaster
      theme={resolvedTheme === "dark" ? "dark" : "light"}
      position="bottom-right"
      duration={6_000}
      closeButton
      toastOptions={{
        classNames: {
          toast: "!rounded-[6px] !border !border-line-strong !bg-bg !text-fg !shadow-none !font-sans",
          description: "!text-muted",
        },
      }}
    />
  );
}
