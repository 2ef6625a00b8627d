"use client";

import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { type ReactNode, type RefObject, useRef } from "react";
import { IconButton } from "./button.tsx";
import { cn } from "./cn.tsx";

export type DialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  wide?: boolean;
  /** Asks before something that cannot be taken back. */
  alert?: boolean;
  /** Has the focus at first; the first control when absent. */
  initialFocus?: RefObject<HTMLElement | null>;
  /** Gets the focus at the end when what opened the dialog is gone by then. */
  fallbackFocus?: () => HTMLElement | null;
  children: ReactNode;
};

/** The dialog itself; use `Dialog`, which fetches it when it is opened for the first time. */
export function DialogFrame({
  open,
  onOpenChange,
  title,
  description,
  wide = false,
  alert = false,
  initialFocus,
  fallbackFocus,
  children,
}: DialogProps) {
  const opener = useRef<Element | null>(null);

  function focusFirst(event: Event) {
    opener.current = document.activeElement;
    if (!initialFocus?.current) return;
    event.preventDefault();
    initialFocus.current.focus();
  }

  /** The library knows only openers that it made itself. */
  function focusLast(event: Event) {
    event.preventDefault();
    const kept = opener.current instanceof HTMLElement && opener.current.isConnected ? opener.current : null;
    (kept ?? fallbackFocus?.())?.focus({ preventScroll: true });
  }

  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-[rgb(5_8_12/0.5)]" />
        <Radix.Content
          {...(description === undefined ? { "aria-describedby": undefined } : {})}
          {...(alert ? { role: "alertdialog" } : {})}
          onOpenAutoFocus={focusFirst}
          onCloseAutoFocus={focusLast}
          className={cn(
            "fixed inset-x-0 bottom-0 z-50 flex max-h-[92dvh] flex-col rounded-t-[8px] border border-line-strong bg-bg",
            "sm:inset-auto sm:top-[10vh] sm:left-1/2 sm:max-h-[80vh] sm:w-[calc(100vw-32px)] sm:-translate-x-1/2 sm:rounded-[8px]",
            wide ? "sm:max-w-[720px]" : "sm:max-w-[520px]",
          )}
        >
          <div className="flex items-start justify-between gap-3 border-b border-line px-4 py-2.5">
            <div className="min-w-0">
              <Radix.Title className="text-data font-semibold">{title}</Radix.Title>
              {description !== undefined && (
                <Radix.Description className="text-small text-muted">{description}</Radix.Description>
              )}
            </div>
            <Radix.Close asChild>
              <IconButton label="Close" className="-mr-2">
                <X aria-hidden />
              </IconButton>
            </Radix.Close>
          </div>
          <div className="min-h-0 overflow-y-auto p-4">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
