"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { displayText } from "#lib/client/format";
import { notificationKeys, previewRoutes, saveRoutes } from "#lib/client/notifications";
import type { ChannelView, RoutesList } from "#lib/contracts/notification";
import { type Route, routesOf } from "#lib/domain/notify/route";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Card } from "../ui/card.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";
import { RouteDialog } from "./route-dialog.tsx";
import { replaced, routeAt } from "./route-draft.ts";
import { RoutePreview } from "./route-preview.tsx";
import { type Asked, RouteTree } from "./route-tree.tsx";

type Saved = RoutesList["items"][number];
/** What is being changed, and on which revision; somebody else's save in between is refused by the server. */
type Draft = { tree: Route; revision: number };

/** Who hears of what happens in one trust domain and below it. */
export function DomainRoutes({
  saved,
  channels,
  domains,
  reason,
}: {
  saved: Saved;
  channels: readonly ChannelView[];
  domains: ReadonlyMap<string, string>;
  reason: string | null;
}) {
  const { trustDomainId } = saved;
  const [draft, setDraft] = useState<Draft | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const tree = draft?.tree ?? saved.tree;
  const queryClient = useQueryClient();
  const preview = useMutation({ mutationFn: () => previewRoutes({ trustDomainId, tree }) });
  const save = useMutation({
    mutationFn: (made: Draft) => saveRoutes({ trustDomainId, ...made }),
    onSuccess: async ({ revision }) => {
      await queryClient.invalidateQueries({ queryKey: notificationKeys.routes() });
      announceDone({ title: `Revision ${revision} of the routes counts from now on` });
      setDraft(null);
      preview.reset();
    },
  });
  const change = (next: Route) => {
    setDraft({ tree: next, revision: draft?.revision ?? saved.revision });
    preview.reset();
    save.reset();
  };
  const own = channels.filter((channel) => channel.trustDomainId === trustDomainId);
  const names = { channels: new Map(own.map(({ id, name }) => [id, name])), domains };
  const silent = routesOf(tree).every(({ route }) => route.channelIds.length === 0);
  const name = displayText(saved.trustDomain).text;
  return (
    <Card title={name}>
      {silent && (
        <p className="pb-2 text-data text-warn-fg">
          No route names a channel: nobody hears of what happens here.
        </p>
      )}
      <RouteTree root={tree} names={names} reason={reason} onAsk={setAsked} onChange={change} />
      <div className="flex flex-wrap items-center gap-2 pt-3">
        <Button pending={preview.isPending} onClick={() => preview.mutate()}>
          Preview against the last 50 events
        </Button>
        {draft && (
          <>
            <GuardedButton
              variant="primary"
              reason={reason}
              pending={save.isPending}
              onClick={() => save.mutate(draft)}
            >
              Save the routes
            </GuardedButton>
            <Button
              onClick={() => {
                setDraft(null);
                preview.reset();
                save.reset();
              }}
            >
              Discard the changes
            </Button>
          </>
        )}
        <span role="status" className="text-small text-muted">
          {draft ? (
            "Not saved yet."
          ) : saved.savedAt === null ? (
            "Nobody has saved any routes."
          ) : (
            <>
              Revision {saved.revision} by {displayText(saved.savedBy ?? "somebody").text}{" "}
              <Timestamp iso={saved.savedAt} />
            </>
          )}
        </span>
      </div>
      {save.error && <FormProblem error={save.error} />}
      {preview.error && <FormProblem error={preview.error} />}
      {preview.data && <RoutePreview preview={preview.data} />}
      <RouteDialog
        editing={asked && { ...asked, root: asked.place.length === 0 }}
        channels={own}
        domains={domains}
        onClose={() => setAsked(null)}
        onDone={(route) => {
          if (asked) change(put(tree, asked, route));
          setAsked(null);
        }}
      />
    </Card>
  );
}

/** In its place, or as the last one below its parent when there is none in that place yet. */
function put(tree: Route, { place }: Asked, route: Route): Route {
  if (routeAt(tree, place)) return replaced(tree, place, route);
  const parent = routeAt(tree, place.slice(0, -1));
  return parent ? replaced(tree, place.slice(0, -1), { ...parent, routes: [...parent.routes, route] }) : tree;
}
