"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { LAYER_WORDS } from "#lib/client/compare";
import { fleetKeys } from "#lib/client/fleet";
import { displayText, formatCount, formatPlural } from "#lib/client/format";
import { endWindow, windowOptions } from "#lib/client/maintenance";
import { paths } from "#lib/client/paths";
import type { WindowView } from "#lib/contracts/maintenance-window";
import { LAYERS, type Layer } from "#lib/domain/layers";
import { ReasonDialog } from "../onboarding/reason-dialog.tsx";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { TimeLink } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";

/** "every layer", or the names of some. */
function layerWords(layers: readonly Layer[]): string {
  if (layers.length === LAYERS.length) return "every layer";
  return layers.map((layer) => LAYER_WORDS[layer]).join(", ");
}

/** One window: for which nodes and layers, from when until when, why, and what it allowed. */
export function MaintenanceItem({ item, asked }: { item: WindowView; asked: boolean }) {
  const { id, name, selector, layers, state, from, until, ended, reason, nodes, allowed } = item;
  const [open, setOpen] = useState(asked);
  const [ending, setEnding] = useState(false);
  const noEnd = useDisabledReason("window:manage");
  const withdrawn = ended !== null && ended.at <= from;
  return (
    <li className="border-b border-line last:border-b-0">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 px-3 py-2 text-data">
        <div className="min-w-0 flex-1 basis-64">
          <p className="flex flex-wrap items-center gap-2">
            <button
              type="button"
              aria-expanded={open}
              onClick={() => setOpen((now) => !now)}
              className="touch min-w-0 text-left font-medium break-words hover:underline"
            >
              {displayText(name).text}
            </button>
            {state === "running" && <Badge tone="accent">running</Badge>}
            {withdrawn && <Badge>withdrawn</Badge>}
            {ended && !withdrawn && <Badge>ended early</Badge>}
          </p>
          <p className="flex flex-wrap gap-x-1 text-small">
            <span>
              <Timestamp iso={from} absolute /> until <Timestamp iso={until} absolute />
            </span>
            {ended && (
              <span>
                , {withdrawn ? "withdrawn" : "ended"} by {ended.by ?? "somebody"}{" "}
                <Timestamp iso={ended.at} absolute />
              </span>
            )}
          </p>
          <p className="text-small break-words text-muted">
            {selector === "" ? (
              "every node"
            ) : (
              <code className="font-mono break-all">{displayText(selector).text}</code>
            )}
            {nodes !== null && ` (${formatPlural(nodes, "node")} now)`}, {layerWords(layers)}
          </p>
          <p className="break-words">{displayText(reason).text}</p>
          <p className="text-small text-muted">
            {state !== "planned" &&
              (allowed.changes === 0
                ? "Nothing was allowed by it; "
                : `Allowed ${formatPlural(allowed.changes, "change")} on ${formatPlural(allowed.nodes, "node")}; `)}
            planned by {item.createdBy ?? "somebody"} <Timestamp iso={item.createdAt} />
          </p>
        </div>
        {state !== "past" && (
          <GuardedButton size="sm" reason={noEnd} onClick={() => setEnding(true)}>
            {state === "running" ? "End now" : "Withdraw"}
          </GuardedButton>
        )}
      </div>
      {open && <Changes id={id} />}
      <EndDialog item={item} open={ending} onOpenChange={setEnding} />
    </li>
  );
}

/** What the window authorised, change by change. */
function Changes({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(windowOptions(id));
  return (
    <section aria-label="What it allowed" className="border-t border-line bg-sunken px-3 py-2">
      {!data && !error && <SkeletonRows rows={2} label="Loading what it allowed" />}
      {!data && error && (
        <ErrorPanel
          compact
          title="The window could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      {data?.changes.length === 0 && (
        <p className="text-small text-muted">No node showed a change that this window allowed.</p>
      )}
      {data && data.changes.length > 0 && (
        <ul aria-label="Changes" className="flex flex-col gap-1">
          {data.changes.map(({ path, layer, kind, actual, nodes, firstAt }) => (
            <li key={`${path} ${actual}`} className="text-small">
              <TimeLink
                href={paths.drift({ q: path.replace(/\s+/g, " ") })}
                className="link touch font-mono break-all"
              >
                {displayText(path).text}
              </TimeLink>{" "}
              {kind}
              {actual !== null && (
                <>
                  {" to "}
                  <HostileText
                    text={actual}
                    max={120}
                    className="font-mono break-all [&_bdi]:whitespace-normal"
                  />
                </>
              )}
              <span className="text-muted">
                , {LAYER_WORDS[layer]}, {formatPlural(nodes, "node")}, first <Timestamp iso={firstAt} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {data && data.allowed.changes > data.changes.length && (
        <p className="pt-1 text-small text-muted">
          The first {formatCount(data.changes.length)} of {formatCount(data.allowed.changes)}.
        </p>
      )}
    </section>
  );
}

function EndDialog({
  item: { id, name, state },
  open,
  onOpenChange,
}: {
  item: WindowView;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const queryClient = useQueryClient();
  const running = state === "running";
  return (
    <ReasonDialog
      open={open}
      onOpenChange={onOpenChange}
      title={running ? `End ${displayText(name).text} now?` : `Withdraw ${displayText(name).text}?`}
      verb={running ? "End the window" : "Withdraw the window"}
      danger
      act={async (reason) => {
        await endWindow(id, reason);
        announceDone({ title: running ? "The window has ended" : "The window is withdrawn" });
        await queryClient.invalidateQueries({ queryKey: fleetKeys.all });
      }}
    >
      <p className="text-data">
        {running
          ? "What it allows now, and still differs from the baseline, is drift from this moment on."
          : "It will not begin. It stays on record."}
      </p>
    </ReasonDialog>
  );
}
