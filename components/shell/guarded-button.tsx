"use client";

import { type ComponentProps, useId } from "react";
import { Button } from "../ui/button.tsx";

/**
 * A button that stays in sight when it may not be used and says why. It keeps its place in the tab order,
 * so that the reason can be read by keyboard and screen reader too.
 */
export function GuardedButton({
  reason,
  onClick,
  ...rest
}: ComponentProps<typeof Button> & { reason: string | null }) {
  const id = useId();
  if (reason === null) return <Button {...rest} onClick={onClick} />;
  return (
    <span className="group relative inline-flex" title={reason}>
      <Button {...rest} aria-disabled aria-describedby={id} onClick={(event) => event.preventDefault()} />
      <span
        id={id}
        className="pointer-events-none absolute top-full right-0 z-30 mt-1 hidden w-max max-w-[260px] rounded-[4px] border border-line-strong bg-bg px-2.5 py-1.5 text-small text-fg group-focus-within:block"
      >
        {reason}
      </span>
    </span>
  );
}
