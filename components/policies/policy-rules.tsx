"use client";

import { useQuery } from "@tanstack/react-query";
import { formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { policyExceptionOptions } from "#lib/client/policies";
import type { ActivationView, PolicyView } from "#lib/contracts/policy";
import type { TrustStatus } from "#lib/domain/trust-status";
import { StatusBadge } from "../fleet/status-badge.tsx";
import { TimeLink } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { buttonClass } from "../ui/button.tsx";
import { Card } from "../ui/card.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { DecidedOtherwise } from "./decided-otherwise.tsx";
import { usePolicy } from "./policy-frame.tsx";
import { Expression, PolicyText } from "./policy-text.tsx";
import { partWords, STAGE_TONE, testCommand } from "./policy-words.ts";

/** What a policy says, rule by rule in the order in which they are asked, and where it is in force. */
export function PolicyRulesPage({ name }: { name: string }) {
  const policy = usePolicy(name);
  if (!policy) return null;
  const { description, builtIn, active, shadow } = policy;
  return (
    <div className="flex flex-col gap-3">
      <p className="max-w-[80ch] text-data">
        <HostileText text={description} className="[&_bdi]:whitespace-normal" />
      </p>
      {builtIn ? (
        <p className="flex flex-wrap items-center gap-3 text-data text-muted">
          It ships with the product and cannot be changed.
          <TimeLink href={paths.policy(name, "edit")} className={buttonClass()}>
            Start a policy from it
          </TimeLink>
        </p>
      ) : (
        <InForce active={active} />
      )}
      {shadow.total > 0 && <ShadowDifferences shadow={shadow} />}
      <Rules policy={policy} />
      <Card title="Where it is kept">
        <div className="flex flex-col gap-2 text-data">
          <p className="text-muted">
            Keep the text in git and let your pipeline check it: the command needs no database, and its exit
            status is 1 when anything is wrong.
          </p>
          <CodeBlock label="Command that checks the policy" code={testCommand(name)} />
          <details>
            <summary className="link touch inline-flex cursor-pointer items-center">
              Text of v{policy.version}
            </summary>
            <PolicyText label="Text of the policy" text={policy.text} />
          </details>
        </div>
      </Card>
    </div>
  );
}

function InForce({ active }: { active: readonly ActivationView[] }) {
  return (
    <Card title="In force now" flush>
      {active.length === 0 ? (
        <p className="px-3 py-2 text-data text-muted">
          No version is in shadow or enforced: this policy decides about no node.
        </p>
      ) : (
        <ul aria-label="In force now">
          {active.map((one) => (
            <li
              key={one.id}
              className="flex flex-wrap items-center gap-x-3 gap-y-0.5 border-b border-line px-3 py-2 text-data last:border-b-0"
            >
              <span className="font-medium">v{one.version}</span>
              <Badge tone={STAGE_TONE[one.stage]}>{one.stage}</Badge>
              <HostileText text={partWords(one)} className="[&_bdi]:whitespace-normal" />
              <span className="text-small text-muted">
                since <Timestamp iso={one.from} /> {one.by !== null && <>by {one.by}</>}
                {one.comparedNodes !== null && <>, {formatPlural(one.comparedNodes, "node")} compared</>}
              </span>
              {one.changeRequestId !== null && (
                <TimeLink
                  href={paths.change(one.changeRequestId)}
                  className="link touch inline-flex items-center text-small"
                >
                  Who agreed
                </TimeLink>
              )}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

/** What is in shadow decides nothing; these are the nodes where that makes a difference. */
function ShadowDifferences({ shadow: { total, items } }: Pick<PolicyView, "shadow">) {
  return (
    <Card title={`In shadow it would decide otherwise about ${formatPlural(total, "node")}`} flush>
      <DecidedOtherwise
        label="Nodes that the shadow would decide otherwise"
        total={total}
        nodes={items.map(({ activationId, nodeId, ...node }) => ({
          ...node,
          key: `${activationId} ${nodeId}`,
          id: nodeId,
        }))}
      />
    </Card>
  );
}

function Rules({ policy: { name, ruleList } }: { policy: PolicyView }) {
  const exceptions = useQuery(policyExceptionOptions()).data?.items ?? [];
  const live = (ruleId: string) =>
    exceptions.filter((one) => one.policy === name && one.ruleId === ruleId && one.state !== "expired")
      .length;
  return (
    <Card
      title={`${formatPlural(ruleList.length, "rule")}, asked from the top; the first that holds decides`}
      flush
    >
      <ol aria-label="Rules">
        {ruleList.map(({ id, status, docs, when, reason }, index) => (
          <li
            key={id}
            className="flex flex-col gap-1 border-b border-line px-3 py-2.5 text-data last:border-b-0"
          >
            <h3 className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
              <span className="text-small text-muted tabular-nums">{index + 1}</span>
              <code className="font-mono font-medium">{id}</code>
              <StatusBadge status={status as TrustStatus} size="sm" />
              {live(id) > 0 && (
                <TimeLink
                  href={paths.policy(name, "exceptions")}
                  className="link touch inline-flex items-center text-small font-normal"
                >
                  {formatPlural(live(id), "exception")}
                </TimeLink>
              )}
            </h3>
            <p className="max-w-[80ch]">
              <HostileText text={docs} className="[&_bdi]:whitespace-normal" />
            </p>
            <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-0.5 text-small">
              <dt className="text-muted">when</dt>
              <dd>
                <Expression text={when} />
              </dd>
              <dt className="text-muted">says</dt>
              <dd>
                <Expression text={reason} />
              </dd>
            </dl>
          </li>
        ))}
      </ol>
    </Card>
  );
}
