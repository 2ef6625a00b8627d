"use client";

import { displayText, formatPlural } from "#lib/client/format";
import { EMPTY_TREE, type Route } from "#lib/domain/notify/route";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { Badge } from "../ui/badge.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { DAY_CHOICES, matchWords, moved, type Place, replaced } from "./route-draft.ts";

export type Names = { channels: ReadonlyMap<string, string>; domains: ReadonlyMap<string, string> };
/** A route that is to be written anew in its place. */
export type Asked = { place: Place; route: Route; verb: string };

/** A tree of routes as a list in the order in which an event goes down it. */
export function RouteTree({
  root,
  names,
  reason,
  onAsk,
  onChange,
}: {
  root: Route;
  names: Names;
  reason: string | null;
  onAsk: (asked: Asked) => void;
  onChange: (root: Route) => void;
}) {
  return (
    <ul aria-label="Routes">
      <Item {...{ root, names, reason, onAsk, onChange }} route={root} place={[]} siblings={1} />
    </ul>
  );
}

type ItemProps = Parameters<typeof RouteTree>[0] & { route: Route; place: Place; siblings: number };

function Item({ route, place, siblings, ...rest }: ItemProps) {
  const { root, names, reason, onAsk, onChange } = rest;
  const name = displayText(route.name).text;
  const at = place.at(-1);
  const act = (verb: string, onClick: () => void) => (
    <GuardedButton
      size="sm"
      variant="ghost"
      reason={reason}
      aria-label={`${verb}: ${name}`}
      onClick={onClick}
    >
      {verb}
    </GuardedButton>
  );
  const below: Route = { ...EMPTY_TREE, name: "" };
  return (
    <li className="flex min-w-0 flex-col">
      <div className="flex min-w-0 flex-col gap-1 border-b border-line py-2">
        <div className="flex min-w-0 flex-wrap items-center justify-between gap-x-3 gap-y-1">
          <span className="flex min-w-0 flex-wrap items-center gap-2 font-medium">
            <HostileText text={route.name} max={60} />
            {at === undefined && <Badge>root</Badge>}
            {route.continue && <Badge>continues</Badge>}
            {route.channelIds.length === 0 && <Badge tone="warn">nobody hears</Badge>}
          </span>
          <span className="flex flex-wrap">
            {act("Change", () => onAsk({ place, route, verb: `Change the route ${name}` }))}
            {act("Add below", () =>
              onAsk({
                place: [...place, route.routes.length],
                route: below,
                verb: `Add a route below ${name}`,
              }),
            )}
            {at !== undefined && at > 0 && act("Up", () => onChange(moved(root, place, -1)))}
            {at !== undefined && at < siblings - 1 && act("Down", () => onChange(moved(root, place, 1)))}
            {at !== undefined && act("Remove", () => onChange(replaced(root, place, null)))}
          </span>
        </div>
        <p className="text-small break-words">
          {displayText(matchWords(route.match, names.domains)).text}
          <span className="text-muted"> → {channelWords(route.channelIds, names)}</span>
        </p>
        <p className="text-small break-words text-muted">{mannerWords(route, names)}</p>
      </div>
      {route.routes.length > 0 && (
        <ul aria-label={`Routes below ${name}`} className="border-l border-line-strong pl-3 sm:pl-5">
          {route.routes.map((child, index) => (
            <Item
              {...rest}
              key={child.name}
              route={child}
              place={[...place, index]}
              siblings={route.routes.length}
            />
          ))}
        </ul>
      )}
    </li>
  );
}

function channelWords(ids: readonly string[], { channels }: Names): string {
  if (ids.length === 0) return "nobody";
  return ids.map((id) => displayText(channels.get(id) ?? "a channel that you do not see").text).join(", ");
}

/** When and how it tells, in sentences. */
function mannerWords({ digestMinutes, groupBy, quiet, escalation }: Route, names: Names): string {
  return [
    digestMinutes === 0 ? "At once." : `Collected for ${formatPlural(digestMinutes, "minute")}.`,
    groupBy.length > 0 && `One notification per ${groupBy.join(" and ")}.`,
    quiet &&
      `Quiet from ${quiet.from} to ${quiet.to} (${quiet.zone})${dayWords(quiet.days)}${quiet.holdsCritical ? ", also for what is critical" : ""}.`,
    ...escalation.map(
      ({ afterMinutes, channelIds }) =>
        `After ${formatPlural(afterMinutes, "minute")} without an acknowledgement: ${channelWords(channelIds, names)}.`,
    ),
  ]
    .filter(Boolean)
    .join(" ");
}

function dayWords(days: readonly number[] | undefined): string {
  if (!days) return "";
  const named = DAY_CHOICES.filter(({ value }) => days.includes(Number(value)));
  return `, beginning on ${named.map(({ words }) => words).join(", ")}`;
}
