import { paths } from "#lib/client/paths";
import type { AuditEntryView } from "#lib/contracts/audit";
import { Badge } from "../ui/badge.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { actionWords } from "./audit-words.ts";
import { Change } from "./change.tsx";

/** One entry; opened, it tells what changed and gives its proof. */
export function AuditEntry({ entry, open = false }: { entry: AuditEntryView; open?: boolean }) {
  const { seq, at, actor, action, entity, entityId, outcome, problemCode, address, requestId } = entry;
  return (
    <li className="border-b border-line">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 px-1 pt-2 text-data">
        <span className="font-mono text-small text-muted tabular-nums">{seq === null ? "–" : `#${seq}`}</span>
        <Timestamp iso={at} absolute />
        <HostileText text={actor} max={40} />
        {entry.actorKind === "service" && <Badge>Service account</Badge>}
        <span className="font-medium" title={actionWords(entry)}>
          {action}
        </span>
        <HostileText text={`${entity} ${entityId}`} max={48} className="text-muted" />
        {outcome !== "done" && <Badge tone="danger">{problemCode ?? outcome}</Badge>}
      </p>
      <details className="px-1 pb-2" open={open}>
        <summary className="touch w-fit cursor-pointer text-small text-muted">Details</summary>
        <div className="flex flex-col gap-2 py-1 text-small">
          <Change before={entry.before} after={entry.after} />
          <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5">
            <dt className="text-muted">address</dt>
            <dd>{address === null ? "–" : <HostileText text={address} />}</dd>
            <dt className="text-muted">request</dt>
            <dd>
              <HostileText text={requestId} />
            </dd>
            <dt className="text-muted">actor id</dt>
            <dd>
              <HostileText text={`${entry.actorKind} ${entry.actorId}`} />
            </dd>
          </dl>
          {seq === null ? (
            <p className="text-muted">Taken into the log within seconds; it has a proof then.</p>
          ) : (
            <a
              className="w-fit text-accent underline"
              href={paths.api.auditProof(seq, { domain: entry.trustDomainId })}
              download
            >
              Download the proof
            </a>
          )}
        </div>
      </details>
    </li>
  );
}
