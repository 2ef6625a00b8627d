"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { formatPlural } from "#lib/client/format";
import { channelsOptions, routesOptions } from "#lib/client/notifications";
import { paths } from "#lib/client/paths";
import { SettingsTabs } from "../settings/settings-tabs.tsx";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { ChannelCard } from "./channel-card.tsx";
import { ChannelDialog } from "./channel-dialog.tsx";
import { DomainRoutes } from "./domain-routes.tsx";

/** Where messages can go, and who hears of what. */
export function NotificationSettings() {
  const channels = useQuery(channelsOptions());
  const routes = useQuery(routesOptions());
  const reason = useDisabledReason("notify:manage");
  const [adding, setAdding] = useState(false);
  const error = channels.error ?? routes.error;
  const loaded = channels.data && routes.data;
  const domains = new Map(
    routes.data?.items.map(({ trustDomainId, trustDomain }) => [trustDomainId, trustDomain]),
  );
  return (
    <>
      <PageHeader
        title="Notification settings"
        meta={channels.data && formatPlural(channels.data.items.length, "channel")}
        actions={
          <GuardedButton variant="primary" reason={reason} onClick={() => setAdding(true)}>
            Add a channel
          </GuardedButton>
        }
      />
      <SettingsTabs />
      <p className="max-w-[80ch] py-3 text-muted">
        What happens is told over channels, by the routes below.{" "}
        <Link href={paths.notifications()} className="link">
          What was told, and whether it arrived
        </Link>
        . The guide is <code className="font-mono">docs/guide/notifications.md</code>.
      </p>
      {!loaded && !error && <SkeletonRows rows={6} label="Loading channels and routes" />}
      {!loaded && error && (
        <ErrorPanel
          title="The channels and routes could not be loaded"
          error={error}
          onRetry={() => void Promise.all([channels.refetch(), routes.refetch()])}
        />
      )}
      {channels.data && (
        <section aria-label="Channels">
          <h2 className="label text-fg">Channels</h2>
          {channels.data.items.length === 0 && (
            <EmptyState title="There is no channel yet">
              Add a webhook, a chat, a pager, a ticket system or a mail server. Then name it in a route.
            </EmptyState>
          )}
          <ul>
            {channels.data.items.map((channel) => (
              <ChannelCard key={channel.id} channel={channel} kinds={channels.data.kinds} reason={reason} />
            ))}
          </ul>
          <ChannelDialog kinds={channels.data.kinds} before={null} open={adding} onOpenChange={setAdding} />
        </section>
      )}
      {loaded && (
        <section aria-label="Who hears of what" className="flex flex-col gap-3 pt-6 pb-6">
          <h2 className="label text-fg">Who hears of what</h2>
          <p className="max-w-[80ch] text-small text-muted">
            An event goes down the tree. The first route whose conditions hold takes it; where a route
            continues, the ones after it are asked as well. Where none below takes it, the route itself does.
          </p>
          {routes.data.items.map((saved) => (
            <DomainRoutes
              key={saved.trustDomainId}
              saved={saved}
              channels={channels.data.items}
              domains={domains}
              reason={reason}
            />
          ))}
        </section>
      )}
    </>
  );
}
