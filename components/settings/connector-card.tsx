"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { connectorKeys, removeConnector, setConnectorDisabled, testConnector } from "#lib/client/connectors";
import { displayText } from "#lib/client/format";
import type { ConnectorKindView, ConnectorTestView, ConnectorView } from "#lib/contracts/connector";
import { CardAction, useOneDialog } from "../forms/card-action.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Badge } from "../ui/badge.tsx";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { ConnectorDialog } from "./connector-dialog.tsx";

type Asking = "change" | "remove";

/** One connector: where it is, which nodes it acts on, and how its last test went. */
export function ConnectorCard({
  connector,
  kinds,
  reason,
}: {
  connector: ConnectorView;
  kinds: readonly ConnectorKindView[];
  reason: string | null;
}) {
  const { id, name, disabledAt, callbackUrl, test } = connector;
  const { ask, close, stateOf } = useOneDialog<Asking>();
  const disabled = disabledAt !== null;
  const run = useDone(() => testConnector(id));
  const set = useDone(() => setConnectorDisabled(id, !disabled));
  const remove = useDone(() => removeConnector(id));
  const kind = kinds.find((one) => one.kind === connector.kind);
  const may = { of: name, reason };
  return (
    <li className="flex flex-col gap-2 border-b border-line py-3" aria-label={name}>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h2 className="flex min-w-0 flex-wrap items-center gap-2 font-medium">
          {name}
          <Badge>{kind?.label ?? connector.kind}</Badge>
          {disabled && <Badge tone="warn">Disabled</Badge>}
          <TestBadge test={test} />
        </h2>
        <div className="flex flex-wrap gap-2">
          <CardAction {...may} verb="Test" pending={run.isPending} onClick={() => run.mutate()} />
          <CardAction {...may} verb="Change" onClick={() => ask("change")} />
          <CardAction
            {...may}
            verb={disabled ? "Enable" : "Disable"}
            pending={set.isPending}
            onClick={() => set.mutate()}
          />
          <CardAction {...may} verb="Remove" onClick={() => ask("remove")} />
        </div>
      </div>
      <p className="text-small break-words text-muted">
        In {displayText(connector.trustDomain).text}. {displayText(connector.selectorWords).text}. Rights it
        needs: <code className="font-mono">docs/guide/{kind?.guide ?? "connectors"}.md</code>
      </p>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 text-small">
        {(kind?.settings ?? []).map(({ name: field, title, input }) => (
          <Setting key={field} title={title} pem={input === "pem"} value={connector.settings[field]} />
        ))}
        <dt className="text-muted">Secrets</dt>
        <dd>
          given <Timestamp iso={connector.secretsChangedAt} />
        </dd>
      </dl>
      {callbackUrl !== null && (
        <p className="flex flex-wrap items-center gap-1 text-small text-muted">
          Reports to <code className="min-w-0 font-mono break-all">{callbackUrl}</code>
          <CopyButton value={callbackUrl} label={`Copy where ${name} reports to`} />
        </p>
      )}
      {test && <TestResult name={name} test={test} />}
      {[run.error, set.error].map((error) => error && <FormProblem key={error.message} error={error} />)}
      <ConnectorDialog kinds={kinds} before={connector} {...stateOf("change")} />
      <ConfirmDialog
        {...stateOf("remove")}
        title={`Remove ${name}?`}
        verb="Remove the connector"
        pending={remove.isPending}
        problem={remove.error && <FormProblem error={remove.error} />}
        onConfirm={() => remove.mutate(undefined, { onSuccess: () => close() })}
      >
        <p>
          Its secrets are erased at once, and no remediation can use it any more. What it did stays on record.
          The account in the other system stays: take its rights away there.
        </p>
      </ConfirmDialog>
    </li>
  );
}

function useDone(mutationFn: () => Promise<unknown>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn,
    onSettled: () => queryClient.invalidateQueries({ queryKey: connectorKeys.all }),
  });
}

function TestBadge({ test }: { test: ConnectorTestView | null }) {
  if (test === null) return <Badge tone="warn">Not tested</Badge>;
  return test.ok ? <Badge tone="accent">Test passed</Badge> : <Badge tone="danger">Test failed</Badge>;
}

function Setting({
  title,
  pem,
  value,
}: {
  title: string;
  pem: boolean;
  value: string | number | boolean | undefined;
}) {
  if (value === undefined || value === "") return null;
  const shown = value === true ? "yes" : value === false ? "no" : String(value);
  return (
    <>
      <dt className="text-muted">{title}</dt>
      <dd className="min-w-0 break-all">{pem ? "given" : <HostileText text={shown} max={300} />}</dd>
    </>
  );
}

/** Every check in words; the mark alone is not what tells them apart. */
function TestResult({ name, test }: { name: string; test: ConnectorTestView }) {
  return (
    <section className="flex flex-col gap-1 text-small">
      <p className="text-muted">
        Tested <Timestamp iso={test.at} />
      </p>
      <ul aria-label={`Checks of ${name}`}>
        {test.checks.map(({ name: check, ok, blocking, detail }) => (
          <li key={`${check} ${detail}`} className="break-words">
            <span className={ok ? "text-muted" : blocking ? "text-danger" : "text-warn-fg"}>
              {ok ? "✓" : blocking ? "✗ Missing:" : "! Note:"}
            </span>{" "}
            <HostileText text={check} max={200} />: <HostileText text={detail} max={300} />
          </li>
        ))}
      </ul>
    </section>
  );
}
