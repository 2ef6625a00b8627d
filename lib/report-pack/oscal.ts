/**
 * A report as OSCAL assessment results. Pure.
 *
 * OSCAL knows two states of a finding. A control without evidence, one for people and one that does not apply have
 * neither: they get no finding, and the remarks name them.
 */
import type { ControlStatus } from "#lib/domain/measure/control";
import type {
  ReportControl,
  ReportFramework,
  ReportMeasure,
  ReportNote,
  ReportRow,
  ReportSnapshot,
} from "#lib/domain/report/snapshot";
import { FILE } from "./manifest.ts";
import {
  controlToken,
  frameworkResource,
  listed,
  markup,
  metadataOf,
  oneLine,
  prop,
  statementToken,
  TOOL,
  uuidOf,
} from "./oscal-parts.ts";

/** Nodes that an observation names; the rows of a measure name all. */
const MAX_SUBJECTS = 500;

/** @param framework of the snapshot: without controls there is nothing that OSCAL could say */
export function assessmentResults(snapshot: ReportSnapshot, framework: ReportFramework) {
  const plan = uuidOf(snapshot.id, "plan");
  return {
    "assessment-results": {
      uuid: uuidOf(snapshot.id, "assessment-results"),
      metadata: metadataOf(snapshot, snapshot.title),
      "import-ap": {
        href: `#${plan}`,
        remarks:
          "There is no assessment plan as a document: what is measured, and how, is in each observation.",
      },
      results: [resultOf(snapshot, framework)],
      "back-matter": {
        resources: [
          {
            uuid: plan,
            title: "What is measured, and how",
            description: `Measures of version ${markup(snapshot.catalogueVersion)}, as the observations describe them.`,
          },
          frameworkResource(framework),
        ],
      },
    },
  };
}

const FINDING: Readonly<Partial<Record<ControlStatus, { state: string; reason: string }>>> = {
  pass: { state: "satisfied", reason: "pass" },
  fail: { state: "not-satisfied", reason: "fail" },
};

function resultOf(snapshot: ReportSnapshot, framework: ReportFramework) {
  const { period, scope, controls } = snapshot;
  const judged = controls.filter(({ status }) => FINDING[status]);
  const used = new Set(controls.flatMap(({ measures }) => measures));
  const measures = snapshot.measures.filter(({ id }) => used.has(id));
  const nodes = new Map(
    measures.flatMap((measure) => subjectsOf(snapshot, measure)).map((row) => [row.nodeId, row]),
  );
  const labels = scope.q === "" ? "every node" : `nodes with ${markup(scope.q)}`;
  const domains = scope.domains.map(({ name }) => markup(name)).join(", ");
  return {
    uuid: uuidOf(snapshot.id, "result"),
    title: markup(snapshot.title),
    description: `${markup(framework.title)}, ${markup(framework.edition)}, for ${labels} of ${oneLine(domains)}.`,
    start: period.from,
    end: period.to,
    "local-definitions": {
      components: [{ ...TOOL, status: { state: "operational" } }],
      ...listed("inventory-items", [...nodes.values()].map(inventoryItem)),
    },
    "reviewed-controls": {
      "control-selections": [
        { "include-controls": controls.map(({ id }) => ({ "control-id": controlToken(framework, id) })) },
      ],
    },
    ...listed(
      "observations",
      measures.map((measure) => observation(snapshot, measure)),
    ),
    ...listed(
      "risks",
      judged.filter(({ status }) => status === "fail").flatMap((control) => risksOf(snapshot, control)),
    ),
    ...listed(
      "findings",
      judged.map((control) => finding(snapshot, framework, control)),
    ),
    remarks: remarksOf(controls),
  };
}

function observation(snapshot: ReportSnapshot, measure: ReportMeasure) {
  const { id, title, question, how, notCovered, result, totals, unit } = measure;
  const subjects = subjectsOf(snapshot, measure);
  const counted = (["met", "missed", "stale", "notCovered", "exempt", "denominator"] as const).map((part) =>
    prop(part === "notCovered" ? "not-covered" : part, String(totals[part])),
  );
  return {
    uuid: uuidOf(snapshot.id, "observation", id),
    title: `${id}: ${title}`,
    description: `${question} ${how} Not covered: ${notCovered}`,
    props: [
      prop("measure", id),
      prop("unit", unit),
      prop("result", result ?? "not_judged"),
      ...counted,
      ...(totals.p95 === null ? [] : [prop("p95-ms", String(totals.p95))]),
    ],
    methods: ["TEST"],
    types: ["control-objective"],
    origins: [{ actors: [{ type: "tool", "actor-uuid": TOOL.uuid }] }],
    ...listed(
      "subjects",
      subjects.map(({ nodeId }) => ({ "subject-uuid": nodeUuid(nodeId), type: "inventory-item" })),
    ),
    "relevant-evidence": [
      { href: `../rows/${id}.jsonl`, description: "Every row that the figure rests on." },
      { href: `../${FILE.report}`, description: "The frozen report." },
    ],
    collected: snapshot.generatedAt,
    remarks:
      measure.reason ??
      `Figures are over the period of the result, as they were known at ${snapshot.knownAt}.`,
  };
}

type NodeRow = ReportRow & { nodeId: string };

/** Nodes that let a measure down, each once, up to a number that tools can show. */
function subjectsOf(snapshot: ReportSnapshot, { id }: ReportMeasure): NodeRow[] {
  const nodes = new Map<string, NodeRow>();
  for (const row of snapshot.rows[id] ?? []) {
    const { nodeId, verdict } = row;
    if (nodeId === null || (verdict !== "missed" && verdict !== "stale")) continue;
    if (nodes.size >= MAX_SUBJECTS) break;
    nodes.set(nodeId, { ...row, nodeId });
  }
  return [...nodes.values()];
}

const nodeUuid = (nodeId: string) => uuidOf("node", nodeId);

function inventoryItem({ nodeId, name }: NodeRow) {
  return {
    uuid: nodeUuid(nodeId),
    description: "A machine that evidence is kept about.",
    props: [prop("node-id", nodeId), prop("node-name", name)],
  };
}

function finding(snapshot: ReportSnapshot, framework: ReportFramework, control: ReportControl) {
  const { id, line, notCovered, status, measures } = control;
  const statement = control.own?.statementId ?? statementToken(controlToken(framework, id));
  const covers = control.own?.mapping?.covers;
  const risks = status === "fail" ? exceptionsOf(control) : [];
  return {
    uuid: uuidOf(snapshot.id, "finding", id),
    title: markup(`${id}: ${line}`),
    description: [
      `Measured by ${measures.join(", ")}.`,
      ...(covers ? [`Covered: ${markup(covers)}`] : []),
      `Not covered: ${markup(notCovered)}`,
    ].join(" "),
    target: { type: "statement-id", "target-id": statement, status: FINDING[status] },
    ...listed(
      "related-observations",
      measures.map((measure) => ({ "observation-uuid": uuidOf(snapshot.id, "observation", measure) })),
    ),
    ...listed(
      "related-risks",
      risks.map((note) => ({ "risk-uuid": riskUuid(snapshot, control, note) })),
    ),
  };
}

const exceptionsOf = ({ notes }: ReportControl) =>
  notes.filter(({ kind }) => kind === "exception" || kind === "compensating");

const riskUuid = ({ id }: ReportSnapshot, control: ReportControl, note: ReportNote) =>
  uuidOf(id, "risk", control.id, note.id);

/** What people accepted for a time: it stands beside a failure and does not change it. */
function risksOf(snapshot: ReportSnapshot, control: ReportControl) {
  return exceptionsOf(control).map((note) => ({
    uuid: riskUuid(snapshot, control, note),
    title: markup(`${control.id}: ${note.kind === "exception" ? "accepted for a time" : "compensated"}`),
    description: markup(note.reason),
    statement:
      "The control is not met. People accepted that, or put something else in its place, until the deadline.",
    props: [prop("made-at", note.madeAt), ...(note.madeBy === null ? [] : [prop("made-by", note.madeBy)])],
    status: "deviation-approved",
    deadline: note.expiresAt,
  }));
}

const UNJUDGED = [
  ["no_evidence", "No evidence"],
  ["manual", "To be checked by people"],
  ["not_applicable", "Not applicable"],
] as const satisfies readonly (readonly [ControlStatus, string])[];

function remarksOf(controls: readonly ReportControl[]): string {
  const reasons = controls.flatMap(({ id, own }) =>
    own?.mapping?.reason ? [`${markup(id)}: ${markup(own.mapping.reason)}`] : [],
  );
  const parts = UNJUDGED.flatMap(([status, words]) => {
    const ids = controls.filter((control) => control.status === status).map(({ id }) => markup(id));
    return ids.length === 0 ? [] : [`${words}: ${ids.join(", ")}.`];
  });
  return parts.length === 0
    ? "Every control of the report has a finding."
    : `These controls have no finding, for there is no state for what they are. ${[...parts, ...reasons].join(" ")}`;
}
