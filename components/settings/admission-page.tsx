"use client";

import { useQuery } from "@tanstack/react-query";
import { admissionRecordsOptions, admissionRulesOptions } from "#lib/client/admission";
import { clauseSentence, DECISION_WORDS, outageSentence } from "#lib/client/admission-words";
import { displayText, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { AdmissionRecordView, AdmissionRules } from "#lib/contracts/admission";
import { TimeLink } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { Card } from "../ui/card.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { AdmissionRuleDialog } from "./admission-rule-dialog.tsx";
import { DomainSettingCard } from "./domain-setting-card.tsx";
import { SettingsTabs } from "./settings-tabs.tsx";

type Domain = AdmissionRules["domains"][number];

/** What is asked of nodes that want to join or get work, what would happen now, and who was turned away. */
export function AdmissionPage() {
  const rules = useQuery(admissionRulesOptions());
  const records = useQuery(admissionRecordsOptions());
  const error = rules.error ?? records.error;
  return (
    <>
      <PageHeader title="Admission" />
      <SettingsTabs />
      <p className="max-w-[80ch] py-3 text-muted">
        API servers, certificate authorities and pipelines ask here whether a node may join or get work. Nodes
        that are quarantined or taken out of service are denied whatever a rule says.
      </p>
      {rules.data && records.data ? (
        <div className="flex max-w-[900px] flex-col gap-3 pb-6">
          {rules.data.domains.map((domain) => (
            <DomainRule key={domain.trustDomainId} domain={domain} />
          ))}
          <Records items={records.data.items} />
        </div>
      ) : error ? (
        <ErrorPanel
          title="The rules could not be loaded"
          error={error}
          onRetry={() => void Promise.all([rules.refetch(), records.refetch()])}
        />
      ) : (
        <SkeletonRows rows={6} label="Loading rules" />
      )}
    </>
  );
}

function DomainRule({ domain }: { domain: Domain }) {
  const { rule, now, nodes } = domain;
  return (
    <DomainSettingCard
      domain={domain}
      what="rule"
      permission="admission:manage"
      dialog={(state) => <AdmissionRuleDialog domain={domain} {...state} />}
    >
      <dl className="flex flex-col gap-2 text-data">
        <Purpose label="To join" sentence={clauseSentence(rule.join)} now={now.join} nodes={nodes} />
        <Purpose label="To get work" sentence={clauseSentence(rule.work)} now={now.work} nodes={nodes} />
        <div>
          <dt className="label">Without news</dt>
          <dd className="max-w-[80ch]">{outageSentence(rule)}</dd>
        </div>
      </dl>
    </DomainSettingCard>
  );
}

function Purpose({
  label,
  sentence,
  now,
  nodes,
}: {
  label: string;
  sentence: string;
  now: Domain["now"]["join"];
  nodes: number;
}) {
  return (
    <div>
      <dt className="label">{label}</dt>
      <dd className="max-w-[80ch]">
        {sentence}
        <span className="block text-muted tabular-nums">
          Of {formatPlural(nodes, "node")} now: {now.allow} {DECISION_WORDS.allow}, {now.warn}{" "}
          {DECISION_WORDS.warn}, {now.deny} {DECISION_WORDS.deny}.
        </span>
      </dd>
    </div>
  );
}

function Records({ items }: { items: readonly AdmissionRecordView[] }) {
  return (
    <Card title="Lately denied or warned about" flush>
      {items.length === 0 ? (
        <p className="px-3 py-2 text-data text-muted">
          Nobody was denied or warned about in the last 30 days. Plain admissions are not recorded.
        </p>
      ) : (
        <ul aria-label="Denials and warnings">
          {items.map((item) => (
            <li
              key={`${item.trustDomainId} ${item.lastAt} ${item.operation} ${item.subject} ${item.askedBy.id}`}
              className="flex flex-col gap-1 border-b border-line px-3 py-2 text-data last:border-b-0"
            >
              <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
                <Badge tone={item.decision === "deny" ? "danger" : "warn"}>
                  {item.decision === "deny" ? "denied" : "warned"}
                </Badge>
                {item.nodeId === null ? (
                  <HostileText text={item.subject} max={60} />
                ) : (
                  <TimeLink
                    href={paths.nodeTimeline(item.nodeId)}
                    className="link touch inline-flex items-center"
                  >
                    <HostileText text={item.subject} max={60} />
                  </TimeLink>
                )}
                <span className="text-small text-muted">
                  {item.operation}, <Timestamp iso={item.lastAt} />
                  {item.n > 1 && `, ${item.n} times within ten minutes`}
                </span>
              </span>
              <span className="text-small break-words">
                {item.reasons.map((reason) => displayText(reason).text).join("; ")}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
