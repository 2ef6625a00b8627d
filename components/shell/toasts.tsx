"use client";

import { useTheme } from "next-themes";
import { type ComponentType, useEffect, useState } from "react";
import type { ToasterProps } from "sonner";
import { onAnnounced, type ToastMessage } from "../ui/toast.tsx";

type Sonner = {
  Toaster: ComponentType<ToasterProps>;
  show: (message: ToastMessage) => void;
};

/** Results of one's own actions, bottom right, announced politely. Their code comes with the first one. */
export function Toasts() {
  const { resolvedTheme } = useTheme();
  const [sonner, setSonner] = useState<Sonner | null>(null);
  const [waiting, setWaiting] = useState<readonly ToastMessage[]>([]);

  useEffect(
    () =>
      onAnnounced((message) => {
        setWaiting((before) => [...before, message]);
        void import("sonner").then(({ Toaster, toast }) => {
          setSonner({ Toaster, show: ({ title, ...rest }) => void toast.success(title, rest) });
        });
      }),
    [],
  );
  useEffect(() => {
    if (!sonner || waiting.length === 0) return;
    for (const message of waiting) sonner.show(message);
    setWaiting([]);
  }, [sonner, waiting]);

  if (!sonner) return null;
  return (
    <sonner.Toaster
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
