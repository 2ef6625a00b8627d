"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { displayText, formatPlural } from "#lib/client/format";
import { linkEvents, unattributedGroupsOptions, undoEventLink } from "#lib/client/identity";
import { nodeDetailKeys } from "#lib/client/node";
import { nodeJumpOptions } from "#lib/client/nodes";
import { paths } from "#lib/client/paths";
import { eventKeys } from "#lib/client/sources";
import { PRESENT } from "#lib/client/time-travel";
import type { EventLinkView, UnattributedGroup } from "#lib/contracts/event-link";
import { ReasonDialog } from "../onboarding/reason-dialog.tsx";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { TimeLink, useTimeTravel } from "../shell/time-travel.tsx";
import { Card } from "../ui/card.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";

/** The same events by where they came from, and the links that people made; nothing when there are none. */
export function UnattributedGroups() {
  const { time } = useTimeTravel();
  const overview = useQuery(unattributedGroupsOptions(time));
  if (overview.error && !overview.data) {
    return (
      <ErrorPanel
        title="The groups could not be loaded"
        error={overview.error}
        onRetry={() => void overview.refetch()}
      />
    );
  }
  const { groups = [], links = [] } = overview.data ?? {};
  return (
    <div className="flex flex-col gap-3 pb-3">
      {groups.length > 0 && (
        <Card title="By source, caller and method" flush>
          <ul aria-label="Groups">
            {groups.map((group) => (
              <Group key={JSON.stringify([group.sourceId, group.caller, group.method])} group={group} />
            ))}
          </ul>
        </Card>
      )}
      {links.length > 0 && (
        <Card title="Linked by a person" flush>
          <ul aria-label="Links">
            {links.map((link) => (
              <LinkItem key={link.id} link={link} />
            ))}
          </ul>
        </Card>
      )}
    </div>
  );
}

const ITEM =
  "flex flex-wrap items-start justify-between gap-x-4 gap-y-1.5 border-b border-line px-3 py-2 text-data last:border-b-0";

function Group({ group }: { group: UnattributedGroup }) {
  const { sourceName, caller, method, events, failures, firstAt, lastAt, reasons } = group;
  const [linking, setLinking] = useState(false);
  const reason = useDisabledReason("event:link");
  return (
    <li className={ITEM}>
      <div className="min-w-0 flex-1 basis-64">
        <p className="break-all">
          <HostileText text={caller ?? "caller not stated"} max={64} className="font-mono" />{" "}
          <HostileText text={method ?? ""} max={32} className="text-muted" />
        </p>
        <p className="text-small text-muted">
          {formatPlural(events, "event")}, {formatPlural(failures, "failure")} · <Timestamp iso={firstAt} />{" "}
          to <Timestamp iso={lastAt} /> · via <HostileText text={sourceName} max={32} />
        </p>
        {reasons.map(({ text, events: times }) => (
          <p key={text} className="text-small break-words text-muted">
            {times} × <HostileText text={text} className="[&_bdi]:whitespace-normal" />
          </p>
        ))}
      </div>
      <GuardedButton size="sm" reason={reason} onClick={() => setLinking(true)}>
        Link to a node
      </GuardedButton>
      <LinkDialog group={group} open={linking} onOpenChange={setLinking} />
    </li>
  );
}

function LinkDialog({
  group,
  open,
  onOpenChange,
}: {
  group: UnattributedGroup;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const queryClient = useQueryClient();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState("");
  const [follow, setFollow] = useState(false);
  const found = useQuery(nodeJumpOptions(text.trim(), PRESENT));
  const matches = text.trim() === "" ? [] : (found.data?.items ?? []);
  const node = matches.find(({ id }) => id === chosen);
  const { sourceId, caller, method } = group;
  return (
    <ReasonDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Link ${formatPlural(group.events, "event")} to a node?`}
      verb="Link events"
      ready={node !== undefined}
      act={async (reason) => {
        if (!node) return;
        const target = { sourceId, caller, method, follow };
        const { events } = await linkEvents({ nodeId: node.id, target, reason });
        await Promise.all([
          queryClient.invalidateQueries({ queryKey: eventKeys.all }),
          queryClient.invalidateQueries({ queryKey: nodeDetailKeys.one(node.id) }),
        ]);
        announceDone({
          title: `${formatPlural(events, "event")} linked to “${displayText(node.displayName).text}”`,
        });
      }}
    >
      <p>They show on the node. Its trust does not change: a person's word is no evidence.</p>
      <Field id="link-search" label="Find the node" hint="Its name or any of its identities.">
        <Input
          id="link-search"
          value={text}
          onChange={(event) => setText(event.target.value)}
          autoComplete="off"
          aria-describedby={fieldHintId("link-search")}
        />
      </Field>
      <Field id="link-node" label="Node" hint={matches.length === 0 ? "Nothing found yet." : undefined}>
        <Select
          id="link-node"
          value={node?.id ?? ""}
          onChange={(event) => setChosen(event.target.value)}
          required
          options={[
            { value: "", label: "Choose one" },
            ...matches.map(({ id, displayName }) => ({
              value: id,
              label: `${displayText(displayName).text} (…${id.slice(-6)})`,
            })),
          ]}
          aria-describedby={fieldHintId("link-node")}
        />
      </Field>
      <label className="touch flex items-center gap-2">
        <input type="checkbox" checked={follow} onChange={(event) => setFollow(event.target.checked)} />
        Later events of this group belong to the node, too
      </label>
    </ReasonDialog>
  );
}

function LinkItem({ link }: { link: EventLinkView }) {
  const { nodeId, nodeName, caller, method, events, follow, single, linkedBy, linkedAt, reason } = link;
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const noUndo = useDisabledReason("event:link");
  return (
    <li className={ITEM}>
      <div className="min-w-0 flex-1 basis-64">
        <p className="break-all">
          {single ? "One event of " : ""}
          <HostileText text={caller ?? "caller not stated"} max={64} className="font-mono" />{" "}
          <HostileText text={method ?? ""} max={32} className="text-muted" /> belongs to{" "}
          <TimeLink href={paths.nodeBootstrap(nodeId)} className="link">
            <HostileText text={nodeName} max={48} />
          </TimeLink>
        </p>
        <p className="text-small break-words text-muted">
          {events === null ? "taken back since" : formatPlural(events, "event")}
          {follow ? ", later ones follow" : ""} · by {linkedBy} <Timestamp iso={linkedAt} />:{" "}
          <HostileText text={reason} className="[&_bdi]:whitespace-normal" />
        </p>
      </div>
      <GuardedButton size="sm" reason={noUndo} onClick={() => setAsking(true)}>
        Undo
      </GuardedButton>
      <ReasonDialog
        open={asking}
        onOpenChange={setAsking}
        title="Undo this link?"
        verb="Undo link"
        act={async (why) => {
          await undoEventLink(link.id, why);
          await Promise.all([
            queryClient.invalidateQueries({ queryKey: eventKeys.all }),
            queryClient.invalidateQueries({ queryKey: nodeDetailKeys.one(nodeId) }),
          ]);
          announceDone({ title: "Link undone" });
        }}
      >
        <p>{events === null ? "Its events" : formatPlural(events, "event")} will belong to nobody again.</p>
      </ReasonDialog>
    </li>
  );
}
