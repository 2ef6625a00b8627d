/** Measures that rest on evidence about nodes. */
import { FRESHNESS_MS } from "./limits.ts";
import type { Measure } from "./measure.ts";

const CLAIM_HOW = (claim: string, layers: string) =>
  `Of every node at the end of the period: what its lines of evidence stated about ${claim} then. Affirmed by one and doubted by none, and no difference from its baseline in ${layers} without leave, is met. Doubted, or such a difference, is missed. A node whose verifiers make no statement about it is not covered; a silent one is stale.`;

export const EVIDENCE_MEASURES: readonly Measure[] = [
  {
    id: "M01",
    title: "Coverage",
    question: "Is there fresh evidence about every node?",
    kind: "share",
    unit: "nodes",
    better: "higher",
    threshold: 1,
    how: "Of every node at the end of the period: when the newest accepted verdict about it was observed. Within 24 hours is met, older is stale, none at all is not covered. Nodes that were decommissioned by then do not count.",
    notCovered:
      "Machines that no source has ever named. Whether the evidence was good is another question (M02).",
  },
  {
    id: "M02",
    title: "Pass rate",
    question: "For which part of the time could the fleet be trusted?",
    kind: "share",
    unit: "node time",
    better: "higher",
    threshold: 0.99,
    how: "The time for which each node was trusted, out of all time for which it was known and not decommissioned, summed over all nodes in milliseconds. Silence beyond a source's limit is stale, waiting for a first verdict is not covered, and an exemption by policy is counted apart; none of them is a pass.",
    notCovered: "What the verifier did not check. Time before a node was first seen.",
  },
  {
    id: "M03",
    title: "Silence",
    question: "Is any node or source silent?",
    kind: "none",
    unit: "findings",
    better: "lower",
    threshold: 0,
    how: "Nodes that were stale at the end of the period, and sources that were silent as a whole then.",
    notCovered: "Sources that report on no fixed pace and have no silence limit.",
  },
  {
    id: "M04",
    title: "Boot chain",
    question: "Did every node boot what it should?",
    kind: "share",
    unit: "nodes",
    better: "higher",
    threshold: 1,
    how: CLAIM_HOW("executables", "boot chain, Secure Boot, kernel or command line"),
    notCovered: "What runs after the measured boot ends.",
  },
  {
    id: "M05",
    title: "Firmware and hardware",
    question: "Is every node's hardware genuine and its firmware as expected?",
    kind: "share",
    unit: "nodes",
    better: "higher",
    threshold: 1,
    how: CLAIM_HOW("hardware", "firmware"),
    notCovered: "Firmware that nothing measures, and recovery of firmware by the machine itself.",
  },
  {
    id: "M06",
    title: "Run-time integrity",
    question: "Are files and run time of every node as expected?",
    kind: "share",
    unit: "nodes",
    better: "higher",
    threshold: 1,
    how: CLAIM_HOW("the file system", "measured files, container run time, image or configuration"),
    notCovered: "Memory of running processes, and files that no policy of the verifier measures.",
  },
  {
    id: "M07",
    title: "Governed by a baseline",
    question: "Is every node compared with an approved baseline?",
    kind: "share",
    unit: "nodes",
    better: "higher",
    threshold: 1,
    how: "Of every node at the end of the period: whether some line of its evidence was compared with a published baseline then. Publishing takes a second person, so every such baseline has an author and another approver.",
    notCovered:
      "Whether the baseline was reviewed within a year, and whether it names every path that matters.",
  },
  {
    id: "M08",
    title: "Time to detect",
    question: "For how long may a failure have gone unnoticed?",
    kind: "duration",
    unit: "failures",
    better: "lower",
    threshold: FRESHNESS_MS,
    how: "Of every failure that began in the period, line by line of evidence: from the last pass that was observed before it to the instant at which the failing verdict was received here. This is the longest that it can have taken, because the change may have happened right after the last pass. A failure that no pass came before is not covered.",
    notCovered: "Changes that no verifier sees.",
  },
];
