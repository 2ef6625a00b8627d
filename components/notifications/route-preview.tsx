import { formatPlural } from "#lib/client/format";
import type { RoutesPreview as Preview } from "#lib/contracts/notification";
import { Badge } from "../ui/badge.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { routeWords, SEVERITY_TONES } from "./notification-words.ts";

/** Where the last events would have gone by the tree that is being edited. */
export function RoutePreview({ preview: { items } }: { preview: Preview }) {
  const unheard = items.filter((item) => item.unheard).length;
  return (
    <section aria-label="Preview" className="flex min-w-0 flex-col gap-1">
      <p role="status" className="text-data">
        {items.length === 0
          ? "Nothing has happened yet that a route could take."
          : `Of the last ${formatPlural(items.length, "event")}, ${unheard} would have been heard by nobody.`}
      </p>
      <ul className="text-data">
        {items.map((item) => (
          <li key={item.id} className="flex min-w-0 flex-col border-b border-line py-1.5">
            <span className="flex min-w-0 flex-wrap items-center gap-2">
              <Badge tone={SEVERITY_TONES[item.severity]}>{item.severity}</Badge>
              <HostileText text={item.title} max={120} />
              <span className="text-small text-muted">
                <Timestamp iso={item.at} />
              </span>
            </span>
            <ul className="text-small">
              {item.takers.map(({ path, channels }) => (
                <li key={path.join("\n")} className="min-w-0 break-words">
                  <HostileText text={routeWords(path)} max={120} /> →{" "}
                  {channels.length === 0 ? (
                    <span className="text-warn-fg">nobody</span>
                  ) : (
                    <HostileText text={channels.join(", ")} max={200} />
                  )}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </section>
  );
}
