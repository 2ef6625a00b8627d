"use client";

import type { ComponentProps } from "react";
import { Button } from "../ui/button.tsx";
import { Tooltip } from "../ui/tooltip.tsx";

/**
 * A button that stays in sight when it may not be used and says why. It keeps its place in the tab order,
 * so that the reason can be read by keyboard and screen reader too.
 */
export function GuardedButton({
  reason,
  onClick,
  ...rest
}: ComponentProps<typeof Button> & { reason: string | null }) {
  if (reason === null) return <Button {...rest} onClick={onClick} />;
  return (
    <Tooltip content={reason}>
      <Button {...rest} aria-disabled title={reason} onClick={(event) => event.preventDefault()} />
    </Tooltip>
  );
}
