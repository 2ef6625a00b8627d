"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { fleetKeys } from "#lib/client/fleet";
import { formatPlural } from "#lib/client/format";
import { proposeRebind, settleAlarm } from "#lib/client/identity";
import { nodeDetailKeys } from "#lib/client/node";
import { paths } from "#lib/client/paths";
import type { IdentityAlarmView } from "#lib/contracts/identity";
import { roleOf } from "#lib/domain/identity";
import { IDENTITY_KINDS } from "#lib/domain/verdict";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { TimeLink } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";
import { ReasonDialog } from "./reason-dialog.tsx";

const ALARM_WORDS: Readonly<Record<IdentityAlarmView["kind"], string>> = {
  anchor_changed: "other hardware",
  clone: "clone",
  duplicate_key: "duplicate key",
  weak_id_conflict: "shared name",
};

/** One finding that two parties claim to be one machine, and what a person can do about it. */
export function AlarmItem({ alarm, ownNodeId }: { alarm: IdentityAlarmView; ownNodeId?: string }) {
  const { kind, sentence, nodeId, nodeName, other, sourceName, claimed, times, firstAt, lastAt } = alarm;
  const queryClient = useQueryClient();
  const [dialog, setDialog] = useState<"settle" | "rebind" | null>(null);
  const settleReason = useDisabledReason("identity:settle");
  const rebindReason = useDisabledReason("change:propose");
  const anchor = kind === "anchor_changed" && other === null ? claimed.find(isAnchor) : undefined;
  const party = other && other.nodeId !== ownNodeId ? other : null;
  const refresh = () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: fleetKeys.all }),
      queryClient.invalidateQueries({ queryKey: nodeDetailKeys.one(nodeId) }),
    ]);
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1.5 border-b border-line px-3 py-2 last:border-b-0">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
          <Badge tone="danger">{ALARM_WORDS[kind]}</Badge>
          {nodeId !== ownNodeId && (
            <TimeLink href={paths.node(nodeId)} className="link min-w-0 font-medium break-all">
              <HostileText text={nodeName} max={48} />
            </TimeLink>
          )}
          {party && (
            <span>
              and{" "}
              <TimeLink href={paths.node(party.nodeId)} className="link break-all">
                <HostileText text={party.name} max={48} />
              </TimeLink>
            </span>
          )}
        </p>
        <p className="break-words">{sentence}</p>
        <p className="text-small break-all text-muted">
          {claimed.map(({ kind: claimedKind, value }) => (
            <span key={`${claimedKind} ${value}`} className="mr-3 inline-block max-w-full">
              {claimedKind}{" "}
              <HostileText text={value} max={64} className="font-mono [&_bdi]:whitespace-normal" />
            </span>
          ))}
        </p>
        <p className="text-small text-muted">
          {times === null || lastAt === null ? (
            <>
              first <Timestamp iso={firstAt} />
            </>
          ) : (
            <>
              {formatPlural(times, "time")}, last <Timestamp iso={lastAt} />
            </>
          )}
          {sourceName !== null && (
            <>
              {" "}
              · told by <HostileText text={sourceName} max={32} />
            </>
          )}
        </p>
      </div>
      <div className="flex flex-wrap gap-2">
        {anchor && (
          <GuardedButton size="sm" reason={rebindReason} onClick={() => setDialog("rebind")}>
            Ask for rebind
          </GuardedButton>
        )}
        <GuardedButton size="sm" reason={settleReason} onClick={() => setDialog("settle")}>
          Settle
        </GuardedButton>
      </div>
      <ReasonDialog
        open={dialog === "settle"}
        onOpenChange={(open) => setDialog(open ? "settle" : null)}
        title="Settle this alarm?"
        verb="Settle alarm"
        act={async (reason) => {
          await settleAlarm(alarm.id, reason);
          await refresh();
          announceDone({ title: "Alarm settled" });
        }}
      >
        <p>It leaves the list. If it is seen again, it comes back.</p>
      </ReasonDialog>
      {anchor && (
        <ReasonDialog
          open={dialog === "rebind"}
          onOpenChange={(open) => setDialog(open ? "rebind" : null)}
          title="Ask for a rebind?"
          verb="Ask for rebind"
          danger
          minLength={10}
          act={async (reason) => {
            await proposeRebind({ nodeId, ...anchor }, reason);
            await refresh();
            announceDone({ title: "Rebind asked for", description: "A second person has to approve it." });
          }}
        >
          <p>
            From the approval on, whoever has this {anchor.kind} speaks for the node, and the old one is
            refused:
          </p>
          <p className="font-mono break-all">
            <HostileText text={anchor.value} className="[&_bdi]:whitespace-normal" />
          </p>
        </ReasonDialog>
      )}
    </li>
  );
}

function isAnchor({ kind }: { kind: string }): boolean {
  const known = IDENTITY_KINDS.find((one) => one === kind);
  return known !== undefined && roleOf(known) === "anchor";
}
