"use client";

import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { type DriftView, decideDrift, driftListOptions } from "#lib/client/drift";
import { fleetKeys } from "#lib/client/fleet";
import { displayText, formatCount, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { DriftGroupRow, DriftList, GroupSelection } from "#lib/contracts/drift-group";
import { useAccount, useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { useShortcuts } from "../shell/shortcuts.tsx";
import { PresentOnlyNote, TimeLink } from "../shell/time-travel.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { Input } from "../ui/input.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";
import { type Asked, DecideDialog, type Verb } from "./decide-dialogs.tsx";
import { DriftPeek } from "./drift-peek.tsx";
import { DriftRow } from "./drift-row.tsx";
import { DriftTabs } from "./drift-tabs.tsx";
import { TAB_LABEL } from "./drift-words.ts";
import { RunningWindows } from "./running-windows.tsx";

/** What changed that nobody has decided on yet? */
export function DriftInbox({ view }: { view: DriftView }) {
  const { data, error, refetch } = useQuery({
    ...driftListOptions(view),
    placeholderData: keepPreviousData,
  });
  const undecided = data ? data.counts.undecided + data.counts.regressed : 0;
  return (
    <>
      <PageHeader
        title="Drift"
        meta={data && `${formatPlural(undecided, "change waits", "changes wait")} for a decision`}
        actions={
          <TimeLink href={paths.settings("drift")} className="link touch text-data">
            Weights and thresholds
          </TimeLink>
        }
      />
      <PresentOnlyNote>The inbox is shown as it is now.</PresentOnlyNote>
      <DriftTabs current={view.tab} q={view.q} counts={data?.counts} />
      <RunningWindows />
      <SearchBar view={view} />
      {!data && !error && <SkeletonRows rows={6} label="Loading the drift" />}
      {!data && error && (
        <ErrorPanel title="The drift could not be loaded" error={error} onRetry={() => void refetch()} />
      )}
      {data?.items.length === 0 && <Nothing list={data} view={view} />}
      {data && data.items.length > 0 && (
        <Groups key={`${view.tab} ${view.q}`} items={data.items} view={view} total={data.counts[view.tab]} />
      )}
    </>
  );
}

function SearchBar({ view }: { view: DriftView }) {
  const router = useRouter();
  const [q, setQ] = useState(view.q);
  function submit(event: FormEvent) {
    event.preventDefault();
    router.push(paths.drift({ tab: view.tab, q: q.trim() }));
  }
  return (
    <form onSubmit={submit} className="flex gap-2 py-2">
      <Input
        aria-label="Search the drift"
        placeholder="path or value, layer:kernel, class:malicious_like"
        value={q}
        maxLength={300}
        onChange={(event) => setQ(event.target.value)}
      />
      <Button type="submit">Search</Button>
    </form>
  );
}

function Nothing({ list, view }: { list: DriftList; view: DriftView }) {
  if (view.q !== "") {
    return (
      <EmptyState title="No change matches the search">
        Nothing in {TAB_LABEL[view.tab].toLowerCase()} matches. The other tabs count what matches there.
      </EmptyState>
    );
  }
  const good = view.tab === "undecided" || view.tab === "regressed";
  const { lastDecided } = list;
  return (
    <EmptyState
      title={good ? `All good: nothing ${view.tab}` : `Nothing ${TAB_LABEL[view.tab].toLowerCase()}`}
      icon={good ? <CircleCheck aria-hidden className="size-4 text-muted" /> : undefined}
    >
      {lastDecided ? (
        <>
          Last decided: {displayText(lastDecided.path).text}, {lastDecided.state}
          {lastDecided.by && ` by ${lastDecided.by}`} <Timestamp iso={lastDecided.at} />
        </>
      ) : (
        "Changes appear here when nodes differ from a baseline that is in force."
      )}
    </EmptyState>
  );
}

function Groups({ items, view, total }: { items: readonly DriftGroupRow[]; view: DriftView; total: number }) {
  const [at, setAt] = useState(0);
  const [open, setOpen] = useState<string | null>(null);
  const [checked, setChecked] = useState<ReadonlySet<string>>(new Set());
  const [all, setAll] = useState(false);
  const [asked, setAsked] = useState<Asked | null>(null);
  const current = items[Math.min(at, items.length - 1)];
  const chosen = items.filter(({ id }) => checked.has(id));
  const noTriage = useDisabledReason("drift:triage");
  const noIgnore = useDisabledReason("exception:manage");
  const assign = useAssignToMe();

  function targets(): Pick<Asked, "groups" | "count" | "only"> | null {
    const groups: GroupSelection = all
      ? { tab: view.tab, q: view.q, expected: total }
      : { ids: (chosen.length > 0 ? chosen : current ? [current] : []).map(({ id }) => id) };
    if (all) return { groups, count: total, only: null };
    if (!current && chosen.length === 0) return null;
    const [one = current ?? null, ...more] = chosen;
    return { groups, count: Math.max(1, chosen.length), only: more.length > 0 ? null : one };
  }
  function ask(verb: Verb) {
    const about = targets();
    const refused = verb === "ignore" ? noIgnore : noTriage;
    if (about && refused === null) setAsked({ verb, ...about });
  }
  function move(step: number) {
    setAt((now) => Math.max(0, Math.min(items.length - 1, now + step)));
  }
  function toggle(id: string) {
    setOpen((now) => (now === id ? null : id));
  }
  function takeToMyself() {
    const about = targets();
    if (about && noTriage === null) void assign.run(about.groups);
  }
  useShortcuts([
    { keys: "j", label: "Next change", group: "This page", run: () => move(1) },
    { keys: "k", label: "Previous change", group: "This page", run: () => move(-1) },
    {
      keys: " ",
      label: "Show or hide details",
      group: "This page",
      run: () => current && toggle(current.id),
    },
    { keys: "i", label: "Ignore the change", group: "This page", run: () => ask("ignore") },
    { keys: "b", label: "Accept into a baseline draft", group: "This page", run: () => ask("record") },
    { keys: "a", label: "Assign to me", group: "This page", run: takeToMyself },
  ]);

  return (
    <>
      <div className="flex flex-wrap items-center gap-2 pb-2">
        <span className="text-small text-muted">
          {all
            ? `All ${formatCount(total)} that match`
            : chosen.length > 0
              ? `${formatCount(chosen.length)} selected`
              : "The marked change"}
        </span>
        <GuardedButton size="sm" reason={noTriage} onClick={() => ask("record")}>
          Accept
        </GuardedButton>
        <GuardedButton size="sm" reason={noIgnore} onClick={() => ask("ignore")}>
          Ignore
        </GuardedButton>
        <GuardedButton size="sm" reason={noTriage} onClick={() => ask("remediate")}>
          Remediate
        </GuardedButton>
        <GuardedButton size="sm" reason={noTriage} onClick={() => ask("snooze")}>
          Snooze
        </GuardedButton>
        <GuardedButton size="sm" reason={noTriage} onClick={takeToMyself}>
          Assign to me
        </GuardedButton>
        {chosen.length > 0 && !all && total > chosen.length && (
          <Button size="sm" variant="ghost" onClick={() => setAll(true)}>
            Select all {formatCount(total)} matching
          </Button>
        )}
        {(chosen.length > 0 || all) && (
          <Button
            size="sm"
            variant="ghost"
            onClick={() => {
              setAll(false);
              setChecked(new Set());
            }}
          >
            Clear
          </Button>
        )}
      </div>
      {assign.error !== null && <FormProblem error={assign.error} />}
      <ul aria-label={TAB_LABEL[view.tab]} className="rounded-[6px] border border-line">
        {items.map((group, index) => (
          <li key={group.id} className="border-b border-line last:border-b-0">
            <DriftRow
              group={group}
              current={group.id === current?.id}
              checked={all || checked.has(group.id)}
              open={open === group.id}
              onCheck={(on) => {
                setAll(false);
                setChecked(
                  (now) => new Set(on ? [...now, group.id] : [...now].filter((id) => id !== group.id)),
                );
              }}
              onToggle={() => {
                setAt(index);
                toggle(group.id);
              }}
            />
            {open === group.id && <DriftPeek groupId={group.id} />}
          </li>
        ))}
      </ul>
      {total > items.length && (
        <p className="py-3 text-small text-muted">
          The first {formatCount(items.length)} of {formatCount(total)}. Search to see others.
        </p>
      )}
      <DecideDialog
        asked={asked}
        onClose={(done) => {
          setAsked(null);
          if (!done) return;
          setAll(false);
          setChecked(new Set());
        }}
      />
    </>
  );
}

function useAssignToMe() {
  const { id } = useAccount();
  const queryClient = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  async function run(groups: GroupSelection) {
    setError(null);
    try {
      const { decided } = await decideDrift({ decision: "assign", groups, assignee: id });
      announceDone({ title: `${formatPlural(decided.length, "group")} assigned to you` });
    } catch (refused) {
      setError(refused);
    }
    await queryClient.invalidateQueries({ queryKey: fleetKeys.all });
  }
  return { run, error };
}
