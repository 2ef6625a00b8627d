/** Making the content of a version, from whatever it is to be made of. */
import type { Conn } from "#db/client";
import type { ContentOrigin, MadeContent } from "#lib/contracts/baseline";
import type { BaselineContent } from "#lib/domain/baseline";
import { type ContentProblem, readContent } from "#lib/domain/baseline-content";
import { readKeylime } from "#lib/domain/baseline-keylime";
import { type CohortPath, commonState, contentOfNode } from "#lib/domain/baseline-make";
import type { StandingLane, StandingNode } from "#lib/domain/baseline-standing";
import { ProblemError } from "#lib/domain/problems";
import { patternProblem } from "#lib/policy/patterns";
import { type Fleet, readFleet } from "./fleet.ts";
import { requireSelector, TOOLS } from "./tools.ts";

/**
 * Turns the text of a document into a value. Given by the composition root.
 *
 * @throws {ProblemError} `request/invalid` for what is neither JSON nor YAML, or has a key twice
 */
export type DocumentReader = (text: string) => unknown;

export type Made = {
  content: BaselineContent;
  nodes: number;
  disputed: readonly CohortPath[];
  left: readonly string[];
  /** What is kept with the version about where it came from. */
  detail: Record<string, unknown>;
  names: ReadonlyMap<string, string>;
};

type LaneChoice = { sourceId: string | null; submod: string | null };

/** @throws {ProblemError} `node/not-found`; `request/invalid` with pointers into the request */
export async function makeContent(
  conn: Conn,
  trustDomainId: string,
  origin: ContentOrigin,
  lane: LaneChoice,
  reader: DocumentReader,
): Promise<Made> {
  switch (origin.kind) {
    case "golden_node":
      return fromNode(await readFleet(conn, trustDomainId, []), origin.nodeId, lane);
    case "cohort": {
      requireSelector(origin.selector, "#/origin/selector");
      return fromCohort(await readFleet(conn, trustDomainId, [origin.selector]), origin.selector, lane);
    }
    case "keylime": {
      const read = readKeylime(reader(origin.document));
      if (!read.ok) throw refused(read.problems);
      return {
        ...fromDocument(read.document),
        left: read.left,
        detail: { file: read.kind, left: read.left },
      };
    }
    case "document":
      return fromDocument(reader(origin.document));
  }
}

function fromNode(fleet: Fleet, nodeId: string, choice: LaneChoice): Made {
  const of = fleet.nodes.find(({ node }) => node.id === nodeId);
  if (!of) throw new ProblemError("node/not-found", `No node ${nodeId}.`);
  const { digest, measurements } = oneLane(fleet, of, choice);
  const content = checked(contentOfNode(measurements));
  const { id, name } = of.node;
  return {
    content,
    nodes: 1,
    disputed: [],
    left: [],
    detail: { nodeId: id, name, digest },
    names: new Map(),
  };
}

function fromCohort(fleet: Fleet, selector: string, choice: LaneChoice): Made {
  const selected = fleet.nodes.filter(({ node }) => selector === "" || TOOLS.matches(selector, node));
  const speaking = selected.filter(({ lanes }) => lanes.some((lane) => isChosen(lane, choice)));
  if (speaking.length === 0) {
    throw invalid("#/origin/selector", "No node of this cohort has measurements in this lane.");
  }
  const state = commonState(
    speaking.map((of) => ({ id: of.node.id, measurements: oneLane(fleet, of, choice).measurements })),
  );
  const { content, disputed, nodes, outliers } = state;
  return {
    content: checked(content),
    nodes,
    disputed,
    left: [],
    detail: { selector, nodes, outliers: outliers.length, disputed: disputed.length },
    names: new Map(selected.map(({ node }) => [node.id, node.name])),
  };
}

const isChosen = (lane: StandingLane, { sourceId, submod }: LaneChoice) =>
  (sourceId === null || lane.sourceId === sourceId) && (submod === null || lane.submod === submod);

/** A content is about one lane: two verifiers name the same thing differently. */
function oneLane({ sourceNames }: Fleet, { node, lanes }: StandingNode, choice: LaneChoice): StandingLane {
  const chosen = lanes.filter((lane) => isChosen(lane, choice));
  const [lane, more] = chosen;
  if (!lane) throw invalid("#/sourceId", `${node.name} has no measurements in this lane.`);
  if (!more) return lane;
  const names = chosen.map(({ sourceId, submod }) => `${sourceNames.get(sourceId)} ${submod}`.trim());
  throw invalid("#/sourceId", `${node.name} has several lanes: ${names.join(", ")}. Choose one.`);
}

function fromDocument(document: unknown): Made {
  const read = readContent(document, patternProblem);
  if (!read.ok) throw refused(read.problems);
  return { content: read.content, nodes: 0, disputed: [], left: [], detail: {}, names: new Map() };
}

/** What verifiers report is input, too. */
function checked(content: BaselineContent): BaselineContent {
  const read = readContent(content, patternProblem);
  if (read.ok) return read.content;
  throw refused(read.problems);
}

function refused(problems: readonly ContentProblem[]): ProblemError {
  const pointers = problems.map(({ fault, pointer, detail }) => ({
    pointer: `#/origin/document${encodeURI(pointer)}`,
    detail: `${fault}: ${detail}`,
  }));
  const [first] = pointers;
  const detail = first ? `${first.pointer}: ${first.detail}` : "The document is no baseline.";
  return new ProblemError("request/invalid", detail, { pointers });
}

const invalid = (pointer: string, detail: string) =>
  new ProblemError("request/invalid", detail, { pointers: [{ pointer, detail }] });

/** Most disputed paths, and differing nodes of one, that are listed; totals are always told. */
const LISTED = { paths: 200, nodes: 20 } as const;

export function madeView({ content, nodes, disputed, left, names }: Made): MadeContent {
  return {
    content: contentView(content),
    nodes,
    disputed: disputed.slice(0, LISTED.paths).map(({ differing, ...path }) => ({
      ...path,
      differing: differing.slice(0, LISTED.nodes).map((id) => ({ id, name: names.get(id) ?? id })),
      differingTotal: differing.length,
    })),
    disputedTotal: disputed.length,
    left: [...left],
  };
}

export function contentView({ scope, entries, ignore, tolerances }: BaselineContent): MadeContent["content"] {
  return {
    scope: [...scope],
    entries: Object.fromEntries(Object.entries(entries).map(([path, values]) => [path, [...values]])),
    ignore: [...ignore],
    tolerances: { ...tolerances },
  };
}
