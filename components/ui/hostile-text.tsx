import { displayText, middleEllipsis } from "#lib/client/format";
import { Badge } from "./badge.tsx";
import { cn } from "./cn.tsx";

/**
 * Text that came from outside: characters that hide or reorder are shown as escapes with a badge, the
 * direction of writing cannot leak into its surroundings, and `max` shortens it from the middle.
 */
export function HostileText({
  text,
  max,
  className,
}: {
  text: string;
  max?: number;
  className?: string | undefined;
}) {
  const shown = displayText(text);
  const short = max === undefined ? shown.text : middleEllipsis(shown.text, max);
  return (
    <span className={cn("inline-flex max-w-full min-w-0 items-center gap-1.5 align-middle", className)}>
      <bdi className="min-w-0 truncate" title={short === shown.text ? undefined : shown.text}>
        {short}
      </bdi>
      {shown.hostile && (
        <Badge tone="warn" title="Holds characters that are invisible or change the reading order">
          escaped
        </Badge>
      )}
    </span>
  );
}
