"use client";

import { useState } from "react";
import { GuardedButton } from "../shell/guarded-button.tsx";

/** A verb on the card of something: the button says the verb, and to a screen reader also of what. */
export function CardAction({
  verb,
  of,
  reason,
  pending = false,
  onClick,
}: {
  verb: string;
  of: string;
  /** Why the person may not; `null` = may. */
  reason: string | null;
  pending?: boolean;
  onClick: () => void;
}) {
  return (
    <GuardedButton size="sm" reason={reason} pending={pending} aria-label={`${verb} ${of}`} onClick={onClick}>
      {verb}
    </GuardedButton>
  );
}

/** Which dialog of a card is open: at most one. */
export function useOneDialog<Which extends string>() {
  const [asking, setAsking] = useState<Which | null>(null);
  const stateOf = (which: Which) => ({
    open: asking === which,
    onOpenChange: (open: boolean) => setAsking(open ? which : null),
  });
  return { ask: (which: Which) => setAsking(which), close: () => setAsking(null), stateOf };
}
