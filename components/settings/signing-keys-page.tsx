"use client";

import { useQuery } from "@tanstack/react-query";
import { auditLogsOptions } from "#lib/client/audit";
import { paths } from "#lib/client/paths";
import { signingKeysOptions } from "#lib/client/signing-keys";
import { sourceListOptions } from "#lib/client/sources";
import type { AuditLogView } from "#lib/contracts/audit";
import type { SigningKeyList } from "#lib/contracts/baseline";
import type { SourceView } from "#lib/contracts/source";
import { TimeLink, useTimeTravel } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { Card } from "../ui/card.tsx";
import { useNow } from "../ui/clock.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { SettingsTabs } from "./settings-tabs.tsx";

/** What the installation signs with and how that is checked, and what others sign with; never a secret. */
export function SigningKeysPage() {
  const { time } = useTimeTravel();
  const logs = useQuery(auditLogsOptions());
  const own = useQuery(signingKeysOptions());
  const sources = useQuery(sourceListOptions(time));
  const error = logs.error ?? own.error ?? sources.error;
  return (
    <>
      <PageHeader title="Signing keys" />
      <SettingsTabs />
      {logs.data && own.data && sources.data ? (
        <div className="flex max-w-[900px] flex-col gap-3 pt-3 pb-6">
          <LogKeys logs={logs.data.items} />
          <BaselineKeys keys={own.data.items} />
          <SenderKeys sources={sources.data.items} />
        </div>
      ) : error ? (
        <ErrorPanel title="The keys could not be loaded" error={error} onRetry={() => void logs.refetch()} />
      ) : (
        <SkeletonRows rows={6} label="Loading keys" />
      )}
    </>
  );
}

function LogKeys({ logs }: { logs: readonly AuditLogView[] }) {
  const signed = logs.filter(({ vkeys }) => vkeys.length > 0);
  return (
    <Card title="Audit log">
      <div className="flex flex-col gap-3 text-data">
        <p className="max-w-[80ch]">
          These keys sign the checkpoints of the audit log. Whoever checks the log should know them from here
          or from before, not from the log itself.
        </p>
        {signed.length === 0 && (
          <p className="text-muted">No log has a key yet: the first entry makes one.</p>
        )}
        {signed.map(({ trustDomainId, origin, vkeys }) => (
          <section key={trustDomainId} aria-label={origin} className="flex flex-col gap-2">
            <h3 className="font-mono text-small break-all text-muted">{origin}</h3>
            {vkeys.map((key) => (
              <LogKey key={key.vkey} {...key} />
            ))}
          </section>
        ))}
        <p className="max-w-[80ch]">To check the whole log with a key that you know:</p>
        <CodeBlock label="Check the log" code="npx touchstone audit verify --vkey '<key>'" />
        <p className="max-w-[80ch]">
          A new key takes the place of the old one on the machine that holds the master key, not from a
          browser. Both sign for 30 days, so that whoever checks can learn the new one:
        </p>
        <CodeBlock label="Another key" code="npx touchstone audit rotate-key --overlap-days 30" />
      </div>
    </Card>
  );
}

function LogKey({ vkey, createdAt, retireAt }: AuditLogView["vkeys"][number]) {
  const now = useNow();
  const isOver = retireAt !== null && Date.parse(retireAt) <= now;
  return (
    <div className="flex flex-col gap-1">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <code className="font-mono">{keyIdOf(vkey)}</code>
        <Badge tone={isOver ? "neutral" : "accent"}>{isOver ? "retired" : "signs"}</Badge>
        <span className="text-small text-muted">
          Ed25519, since <Timestamp iso={createdAt} absolute />
          {retireAt !== null && (
            <>
              , until <Timestamp iso={retireAt} absolute />
            </>
          )}
        </span>
      </p>
      <CodeBlock label={`Key ${keyIdOf(vkey)}`} code={vkey} />
    </div>
  );
}

/** A vkey is name, id and key with a plus between them; the key itself may hold one, too. */
const keyIdOf = (vkey: string): string => vkey.split("+")[1] ?? vkey;

function BaselineKeys({ keys }: { keys: SigningKeyList["items"] }) {
  return (
    <Card title="Baselines">
      <div className="flex flex-col gap-3 text-data">
        <p className="max-w-[80ch]">
          Each published version of a baseline is signed (DSSE) with the key of its trust domain. A version
          whose signature does not verify is not applied to any node.
        </p>
        {keys.length === 0 && (
          <p className="text-muted">No key yet: the first published version makes one.</p>
        )}
        {keys.map(({ kid, algorithm, publicKeyPem, createdAt }) => (
          <div key={kid} className="flex flex-col gap-1">
            <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <code className="font-mono break-all">{kid}</code>
              <Badge tone="accent">signs</Badge>
              <span className="text-small text-muted">
                {algorithm}, since <Timestamp iso={createdAt} absolute />
              </span>
            </p>
            <CodeBlock label={`Public key ${kid.slice(0, 8)}`} code={publicKeyPem.trim()} />
          </div>
        ))}
      </div>
    </Card>
  );
}

function SenderKeys({ sources }: { sources: readonly SourceView[] }) {
  const keyed = sources.filter(({ keys }) => keys.length > 0);
  return (
    <Card title="Keys of senders" flush>
      {keyed.length === 0 ? (
        <p className="px-3 py-2 text-data text-muted">No source has a key or a shared secret.</p>
      ) : (
        <ul>
          {keyed.map(({ id, name, keys }) => (
            <li
              key={id}
              className="flex flex-col gap-1 border-b border-line px-3 py-2 text-data last:border-b-0"
            >
              <TimeLink href={paths.source(id)} className="link touch inline-flex w-fit items-center">
                <HostileText text={name} max={60} />
              </TimeLink>
              <ul aria-label="Keys">
                {keys.map(({ kid, alg, secret, state }) => (
                  <li key={kid} className="flex flex-wrap items-center gap-x-3 gap-y-1 text-small">
                    <HostileText text={kid} max={64} className="font-mono" />
                    <Badge
                      tone={state === "distrusted" ? "danger" : state === "active" ? "accent" : "neutral"}
                    >
                      {state}
                    </Badge>
                    <span className="text-muted">
                      {secret ? "shared secret, kept sealed and never shown" : `public key, ${alg}`}
                    </span>
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
