/** What people may want to hear of. Every kind there is, and what is known of it before it happens. */

export const SEVERITIES = ["info", "warning", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * `opens` begins a matter that lasts, `closes` ends it, `tells` is over as soon as it is told. What closes is
 * told wherever its beginning was told.
 */
export type EventEffect = "opens" | "tells" | "closes";

type Kind = { effect: EventEffect; severity: Severity; words: string };

const kind = (effect: EventEffect, severity: Severity, words: string): Kind => ({ effect, severity, words });

/** By name, `topic.what`. The topic and the subject together are the matter. */
export const EVENT_KINDS = {
  "node.failed": kind("opens", "critical", "A node fails"),
  "node.recovered": kind("closes", "info", "A node does not fail any more"),
  "incident.opened": kind("opens", "critical", "An incident begins"),
  "incident.resolved": kind("closes", "info", "An incident is resolved"),
  "drift.new": kind("opens", "warning", "A change that nobody has decided on"),
  "drift.regressed": kind("opens", "warning", "A change has come back"),
  "drift.ended": kind("closes", "info", "A change is over or decided"),
  "identity.alarm": kind("opens", "critical", "Two parties claim to be one machine"),
  "identity.settled": kind("closes", "info", "An identity alarm is settled"),
  "change.waiting": kind("opens", "warning", "A change request waits for a second person"),
  "change.decided": kind("closes", "info", "A change request is decided, cancelled or expired"),
  "policy.rolled_back": kind("tells", "warning", "A policy is rolled back"),
  "baseline.decided": kind("tells", "info", "A baseline version is published, rolled out or rolled back"),
  "source.silent": kind("opens", "critical", "A source is silent"),
  "source.heard": kind("closes", "info", "A source reports again"),
  "remediation.requested": kind("opens", "warning", "A remediation waits for approval"),
  "remediation.approved": kind("tells", "info", "A remediation is approved"),
  "remediation.denied": kind("closes", "info", "A remediation is denied"),
  "remediation.expired": kind("closes", "warning", "A remediation expired before it was approved or begun"),
  "remediation.superseded": kind("closes", "warning", "A remediation is not what was asked for any more"),
  "remediation.cancelled": kind("closes", "info", "A remediation is taken back"),
  "remediation.executing": kind("tells", "info", "A remediation is carried out"),
  "remediation.succeeded": kind("closes", "info", "A remediation is done and verified"),
  "remediation.partially_failed": kind("opens", "critical", "A remediation came only halfway"),
  "remediation.failed": kind("opens", "critical", "A remediation failed"),
  "remediation.aborted": kind("closes", "warning", "A remediation was aborted"),
  "remediation.break_glass": kind("opens", "critical", "Somebody acted without approval"),
  "review.due": kind("opens", "warning", "What was done without approval waits for its review"),
  "review.overdue": kind("opens", "critical", "Nobody reviewed in time what was done without approval"),
  "review.done": kind("closes", "info", "What was done without approval was reviewed"),
  "channel.disabled": kind("opens", "critical", "A channel of notifications is out of use"),
  "channel.enabled": kind("closes", "info", "A channel of notifications is in use again"),
  "report.ready": kind("tells", "info", "A scheduled report is ready"),
  "report.refused": kind("tells", "warning", "A scheduled report could not be made"),
  "report.missed": kind("tells", "warning", "Scheduled reports were missed"),
  "pause.begun": kind("opens", "warning", "Acting on nodes is held back"),
  "pause.ended": kind("closes", "info", "Acting on nodes is not held back any more"),
} as const satisfies Record<string, Kind>;
export type EventKind = keyof typeof EVENT_KINDS;

/** What a kind is about: `node`, `incident`, … */
export const topicOf = (name: string): string => name.split(".")[0] ?? name;

/** An event as whoever causes it tells it. Texts may be hostile: nothing here is markup. */
export type NewEvent = {
  kind: EventKind;
  trustDomainId: string;
  /** Id of what it is about. Events of one topic and subject are one matter. */
  subject: string;
  /** Absent = what the kind has. */
  severity?: Severity;
  /** What routes may ask for besides, such as labels of the node; at most 50 are kept. */
  labels?: Readonly<Record<string, string>>;
  /** One line. */
  title: string;
  /** Sentences; absent = the title says all. */
  summary?: string;
  /** Path of the page that shows it. */
  link: string;
};

/** An event on its way: what was stored, and what receivers get. */
export type Announcement = {
  id: string;
  trustDomainId: string;
  kind: string;
  severity: Severity;
  thread: string;
  effect: EventEffect;
  labels: Readonly<Record<string, string>>;
  title: string;
  summary: string;
  link: string;
  atMs: number;
};

const MAX = { title: 300, summary: 2_000, labels: 50, label: 200 };

/** The event as it is kept: bounded, on one line where it is one line, with what its kind says of it. */
export function announcementOf(event: NewEvent, id: string, atMs: number): Announcement {
  const { kind: name, trustDomainId, subject, labels = {}, title, summary = "", link } = event;
  const { effect, severity } = EVENT_KINDS[name];
  const kept = Object.entries(labels).slice(0, MAX.labels);
  return {
    id,
    trustDomainId,
    kind: name,
    severity: event.severity ?? severity,
    thread: `${topicOf(name)}:${subject}`,
    effect,
    labels: Object.fromEntries(kept.map(([key, value]) => [cut(key, MAX.label), cut(value, MAX.label)])),
    title: cut(oneLine(title), MAX.title),
    summary: cut(summary.replaceAll("\0", ""), MAX.summary),
    link,
    atMs,
  };
}

const cut = (text: string, max: number) =>
  (text.length > max ? `${text.slice(0, max - 1)}…` : text).toWellFormed();

/** Control characters, line breaks and what turns the direction of writing become spaces. */
const oneLine = (text: string) =>
  text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, " ").trim();
