import { STATE_TONES, STATE_WORDS } from "#lib/client/remediation-words";
import type { RequestState } from "#lib/domain/remediation";
import { Badge } from "../ui/badge.tsx";

/** Where a request stands. */
export function RequestStateBadge({ state }: { state: RequestState }) {
  return <Badge tone={STATE_TONES[state]}>{STATE_WORDS[state]}</Badge>;
}
