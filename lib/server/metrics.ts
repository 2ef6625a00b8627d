/** Figures for Prometheus. Counts only: no node, source or person is named. */
import "server-only";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { fleetByStatus } from "#db/queries/fleet";
import { sourceWatchTotals } from "#db/queries/source-totals";
import { verdictTotals } from "#db/queries/totals";
import { trustDomainIds } from "#db/queries/trust-domain";
import { TIERS } from "#lib/domain/ar4si";
import { FINDING_KINDS } from "#lib/domain/source-finding";
import { TRUST_STATUSES } from "#lib/domain/trust-status";
import type { IngestObservation } from "#lib/ingest/ingest";
import { database } from "./runtime.ts";
import { shared } from "./shared.ts";
import { VERSION } from "./version.ts";

type Metrics = {
  registry: Registry;
  ingestEvents: Counter<"outcome">;
  ingestSeconds: Histogram;
  signatureFailures: Counter<"reason">;
};

function metrics(): Metrics {
  return shared("metrics", () => {
    const registry = new Registry();
    const registers = [registry];
    const own: Metrics = {
      registry,
      ingestEvents: new Counter({
        name: "touchstone_ingest_events_total",
        help: "Events received by this process, by what became of them.",
        labelNames: ["outcome"],
        registers,
      }),
      ingestSeconds: new Histogram({
        name: "touchstone_ingest_duration_seconds",
        help: "Time from a complete request to the committed batch.",
        buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
        registers,
      }),
      signatureFailures: new Counter({
        name: "touchstone_signature_failures_total",
        help: "Events refused by this process for their signature, key or algorithm.",
        labelNames: ["reason"],
        registers,
      }),
    };
    for (const outcome of ["accepted", "duplicate", "rejected"]) own.ingestEvents.inc({ outcome }, 0);
    for (const reason of ["signature", "key", "algorithm"]) own.signatureFailures.inc({ reason }, 0);
    new Gauge({
      name: "touchstone_build_info",
      help: "Always 1; the version is in the label.",
      labelNames: ["version"],
      registers,
    }).set({ version: VERSION }, 1);
    return own;
  });
}

/** The same registry with the figures that are read from the database at every scrape. */
function metricsWithFleet(): Metrics {
  return shared("metrics-with-fleet", () => {
    const registers = [metrics().registry];
    addFleetGauges(registers);
    addSourceGauges(registers);
    return metrics();
  });
}

function addFleetGauges(registers: Registry[]): void {
  new Gauge({
    name: "touchstone_nodes",
    help: "Nodes by trust status, silence applied.",
    labelNames: ["status"],
    registers,
    async collect() {
      const db = database();
      const rows = await fleetByStatus(db, await trustDomainIds(db), {
        asOf: null,
        knownAt: null,
        now: new Date(),
      });
      for (const status of TRUST_STATUSES) {
        this.set({ status }, rows.find((row) => row.status === status)?.nodes ?? 0);
      }
    },
  });
  new Counter({
    name: "touchstone_verdicts_total",
    help: "Stored verdicts of all processes, by trust tier.",
    labelNames: ["tier"],
    registers,
    async collect() {
      const totals = await verdictTotals(database());
      this.reset();
      for (const tier of TIERS) this.inc({ tier }, totals[tier]);
    },
  });
}

/** About the watchers: which of them are heard, how late, and what is wrong. The worst stands for all. */
function addSourceGauges(registers: Registry[]): void {
  const totals = () => sourceWatchTotals(database(), new Date());
  new Gauge({
    name: "touchstone_source_findings",
    help: "Open findings about sources, by kind.",
    labelNames: ["kind"],
    registers,
    async collect() {
      const { findings } = await totals();
      for (const kind of FINDING_KINDS) this.set({ kind }, findings[kind] ?? 0);
    },
  });
  new Gauge({
    name: "touchstone_sources",
    help: "Sources in service, by whether the whole source is silent.",
    labelNames: ["state"],
    registers,
    async collect() {
      const { sources, silent } = await totals();
      this.set({ state: "silent" }, silent);
      this.set({ state: "heard" }, sources - silent);
    },
  });
  new Gauge({
    name: "touchstone_source_lag_seconds",
    help: "Longest time since anything was received, over the sources in service that have a cadence.",
    registers,
    async collect() {
      this.set((await totals()).lagMs / 1000);
    },
  });
  new Gauge({
    name: "touchstone_source_skew_seconds",
    help: "Largest median difference between stated and received time over all sources, without sign.",
    registers,
    async collect() {
      this.set((await totals()).skewMs / 1000);
    },
  });
  new Gauge({
    name: "touchstone_nodes_reduced_coverage",
    help: "Trusted nodes whose verifier checks less than it did before.",
    registers,
    async collect() {
      const db = database();
      const rows = await fleetByStatus(db, await trustDomainIds(db), {
        asOf: null,
        knownAt: null,
        now: new Date(),
      });
      this.set(rows.find(({ status }) => status === "trusted")?.reduced ?? 0);
    },
  });
}

/** Count one ingested batch. */
export function observeIngest({ accepted, duplicate, rejected, seconds }: IngestObservation): void {
  const { ingestEvents, ingestSeconds, signatureFailures } = metrics();
  ingestEvents.inc({ outcome: "accepted" }, accepted);
  ingestEvents.inc({ outcome: "duplicate" }, duplicate);
  ingestEvents.inc({ outcome: "rejected" }, rejected.length);
  ingestSeconds.observe(seconds);
  for (const { category } of rejected) {
    if (category === "signature" || category === "key" || category === "algorithm") {
      signatureFailures.inc({ reason: category });
    }
  }
}

/** The exposition and its content type, without which Prometheus 3 refuses the scrape. */
export function exposition(): Promise<{ body: string; contentType: string }> {
  return exposed(metricsWithFleet());
}

/** The same of a process that only takes events in: what it counted itself, and no query. */
export function ingestExposition(): Promise<{ body: string; contentType: string }> {
  return exposed(metrics());
}

async function exposed({ registry }: Metrics): Promise<{ body: string; contentType: string }> {
  return { body: await registry.metrics(), contentType: registry.contentType };
}
