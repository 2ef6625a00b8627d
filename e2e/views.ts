/** Answers of the API, as far as tests read them. Spelt anew, so that a change of the wire is noticed. */

export type Role = "viewer" | "auditor" | "analyst" | "approver" | "admin";
export const ROLES: readonly Role[] = ["viewer", "auditor", "analyst", "approver", "admin"];

export const STATUSES = [
  "trusted",
  "degraded",
  "failed",
  "quarantined",
  "pending",
  "stale",
  "exempt",
] as const;
export type Status = (typeof STATUSES)[number];

export type Problem = { type: string; title: string; status: number; code: string; detail: string };

export type FleetSummary = {
  nodes: number;
  counts: Record<Status, number>;
  neverAttested: number;
  unattributedFailures: number;
  rejectedEvents: number;
};

export type NodeListPage = {
  items: { id: string; displayName: string; status: Status }[];
  nextCursor: string | null;
  total: number;
  facets: Record<Status, number>;
};

export type Timeline = { lanes: { key: string; label: string; intervals: { recordedAt: string }[] }[] };

export type Comparison = { counts: { total: number } };

export type EvidencePage = { items: { eventHash: string; rawSha256: string }[] };

export type RejectedPage = { items: { code: string; title: string; times: number }[] };
