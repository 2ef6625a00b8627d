"use client";

import { type ReactNode, useRef } from "react";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import type { DialogProps } from "./dialog-frame.tsx";

/**
 * Asks before something that cannot be taken back. The children name the consequences; the focus is on Cancel,
 * so that a stray Enter does nothing.
 */
export function ConfirmDialog({
  verb,
  pending,
  problem,
  onConfirm,
  children,
  ...rest
}: Pick<DialogProps, "open" | "onOpenChange" | "title" | "fallbackFocus" | "children"> & {
  /** Label of the button that does it: the verb and its object. */
  verb: string;
  pending: boolean;
  /** Why the last attempt was refused. */
  problem: ReactNode;
  onConfirm: () => void;
}) {
  const cancel = useRef<HTMLButtonElement>(null);
  return (
    <Dialog {...rest} alert initialFocus={cancel}>
      <div className="flex flex-col gap-3">
        {children}
        {problem}
        <div className="flex justify-end gap-2">
          <Button ref={cancel} onClick={() => rest.onOpenChange(false)}>
            Cancel
          </Button>
          <Button variant="danger" pending={pending} onClick={onConfirm}>
            {verb}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
