"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { displayText, formatPlural } from "#lib/client/format";
import { notificationKeys, setChannelDisabled, testChannel } from "#lib/client/notifications";
import { paths } from "#lib/client/paths";
import type { ChannelView } from "#lib/contracts/notification";
import { CardAction, useOneDialog } from "../forms/card-action.tsx";
import { ReasonDialog } from "../onboarding/reason-dialog.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Badge } from "../ui/badge.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { TermLine } from "../ui/term-line.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";
import { ChannelDialog } from "./channel-dialog.tsx";
import { type ChannelKind, channelFields } from "./channel-fields.ts";
import { CHANNEL_STATES } from "./notification-words.ts";

/** One channel: where it leads, whether what is sent arrives, and what waits for it. */
export function ChannelCard({
  channel,
  kinds,
  reason,
}: {
  channel: ChannelView;
  kinds: readonly ChannelKind[];
  reason: string | null;
}) {
  const { ask, stateOf } = useOneDialog<"change" | "switch">();
  const queryClient = useQueryClient();
  const refresh = () => queryClient.invalidateQueries({ queryKey: notificationKeys.all });
  const test = useMutation({
    mutationFn: () => testChannel(channel.id),
    onSuccess: () => announceDone({ title: `A test message to ${name} is on its way` }),
    onSettled: refresh,
  });
  const name = displayText(channel.name).text;
  const disabled = channel.state === "disabled";
  const verb = disabled ? "Enable" : "Disable";
  const kind = kinds.find((one) => one.kind === channel.kind);
  const state = CHANNEL_STATES[channel.state];
  const may = { of: name, reason };
  return (
    <li className="flex flex-col gap-2 border-b border-line py-3" aria-label={name}>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h3 className="flex min-w-0 flex-wrap items-center gap-2 font-medium">
          <HostileText text={channel.name} max={60} />
          <Badge>{channel.label}</Badge>
          <Badge tone={state.tone}>{state.words}</Badge>
        </h3>
        <div className="flex flex-wrap gap-2">
          <CardAction {...may} verb="Test" pending={test.isPending} onClick={() => test.mutate()} />
          <CardAction {...may} verb="Change" onClick={() => ask("change")} />
          <CardAction {...may} verb={verb} onClick={() => ask("switch")} />
        </div>
      </div>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 text-small">
        <TermLine title="Trust domain">
          <HostileText text={channel.trustDomain} max={60} />
        </TermLine>
        {kind &&
          channelFields(kind).settings.map(({ name: field, title }) => (
            <Setting key={field} title={title} value={channel.settings[field]} />
          ))}
        <TermLine title="Last arrived">
          {channel.lastOkAt ? <Timestamp iso={channel.lastOkAt} /> : "never"}
        </TermLine>
        {channel.failingSince && (
          <TermLine title="Failing since">
            <Timestamp iso={channel.failingSince} />
          </TermLine>
        )}
        {channel.lastProblem !== null && (
          <TermLine title="Last error">
            <HostileText text={channel.lastProblem} max={300} className="[&_bdi]:whitespace-normal" />
          </TermLine>
        )}
        {channel.disabledWhy !== null && (
          <TermLine title="Out of use because">
            <HostileText text={channel.disabledWhy} max={300} className="[&_bdi]:whitespace-normal" />
          </TermLine>
        )}
        {channel.waiting > 0 && (
          <TermLine title="Waiting">
            <Link href={paths.notifications({ list: "messages" })} className="link">
              {formatPlural(channel.waiting, "message")}
            </Link>
          </TermLine>
        )}
      </dl>
      {test.error && <FormProblem error={test.error} />}
      <ChannelDialog kinds={kinds} before={channel} {...stateOf("change")} />
      <ReasonDialog
        {...stateOf("switch")}
        title={`${verb} ${name}?`}
        verb={`${verb} the channel`}
        danger={!disabled}
        act={async (why) => {
          await setChannelDisabled(channel.id, !disabled, why);
          await refresh();
        }}
      >
        <p>
          {disabled
            ? "What waits for it is sent now."
            : "Nothing is sent over it until it is enabled; what waits for it is kept."}
        </p>
      </ReasonDialog>
    </li>
  );
}

function Setting({ title, value }: { title: string; value: unknown }) {
  if (value === undefined || value === "") return null;
  return (
    <TermLine title={title}>
      <HostileText text={String(value)} max={300} className="[&_bdi]:break-all [&_bdi]:whitespace-normal" />
    </TermLine>
  );
}
