/**
 * The built-in policy. Its text is `policies/default.yaml`, kept here so that a decision needs no file.
 *
 * A change of it would be a change of what history is derived to say: give it a new version.
 */
import { BUILT_IN_POLICY_VERSION } from "#lib/domain/policy";
import { readBundle } from "./bundle.ts";
import { type Policy, policyOf } from "./evaluate.ts";

export const DEFAULT_POLICY_TEXT = `# The policy that decides about every node for which nobody has enforced another one.
# Rules are asked from the top; the first that holds decides.
name: default
description: >-
  The worst statement wins, and silence never improves a node. A node is trusted only while every line of
  evidence that ever spoke affirms it, and nothing that it measured differs from its baselines in a way that counts.

rules:
  - id: lane-failed
    when: |
      lanes.exists(l, l.state == "failed" || l.afterFailure)
    status: failed
    reason: |
      lanes.filter(l, l.state == "failed" || l.afterFailure)[0].says
    docs: >-
      One line of evidence says that the node cannot be trusted. A line that failed and then fell silent
      still counts as failed: silence is no proof that anything was mended.

  - id: drift-failed
    when: |
      drift.exists(d, d.effect == "fail")
    status: failed
    reason: |
      drift.filter(d, d.effect == "fail")[0].says
    docs: >-
      What the node measured differs from its baseline like an attack does, or in a layer whose tolerance says
      that any unexplained difference fails a node.

  - id: lane-degraded
    when: |
      lanes.exists(l, l.state == "degraded")
    status: degraded
    reason: |
      lanes.filter(l, l.state == "degraded")[0].says
    docs: >-
      One line of evidence warns, or says that the evidence could not be judged.

  - id: drift-degraded
    when: |
      drift.exists(d, d.effect == "degrade")
    status: degraded
    reason: |
      drift.filter(d, d.effect == "degrade")[0].says
    docs: >-
      Something differs from a baseline and nobody has explained it. Differences that were authorised, are benign,
      or are only to be noted change nothing.

  - id: all-affirm
    when: |
      lanes.size() > 0 && lanes.all(l, l.state == "trusted")
    status: trusted
    reason: |
      lanes.size() > 1 ? "Verified good by " + lanes.map(l, l.label).join(", ") : lanes[0].reason
    docs: >-
      Every line of evidence that ever spoke affirms the node.

  - id: some-say-nothing
    when: |
      lanes.exists(l, l.state == "trusted") && lanes.exists(l, l.state in ["stale", "pending"])
    status: degraded
    reason: |
      string(lanes.filter(l, l.state != "trusted").size()) + " of " + string(lanes.size()) +
      " lines of evidence say nothing: " + lanes.filter(l, l.state != "trusted").map(l, l.label).join(", ")
    docs: >-
      Some lines affirm the node and others have fallen silent or have not said anything yet. What they no longer
      watch may have changed.

  - id: all-silent
    when: |
      lanes.size() > 0 && lanes.all(l, l.state == "stale")
    status: stale
    reason: |
      lanes.size() > 1 ? "Silent: " + lanes.map(l, l.label).join(", ") : lanes[0].reason
    docs: >-
      Nothing has come from any line within the limit of its source.

  - id: waiting
    when: |
      lanes.exists(l, l.state == "pending")
    status: pending
    reason: |
      lanes.filter(l, l.state == "pending")[0].says
    docs: >-
      No line affirms the node, and at least one has yet to say something.

  - id: no-evidence
    when: true
    status: pending
    reason: |
      "No verdict yet"
    docs: >-
      The node is known, but no verdict about it has come.

tests:
  - name: A node without evidence waits for its first verdict
    facts: {}
    expect: { status: pending, rule: no-evidence, reason: No verdict yet }
  - name: One affirming line makes a node trusted, in its own words
    facts: { lanes: [{ state: trusted, reason: "Verified good: hardware" }] }
    expect: { status: trusted, reason: "Verified good: hardware" }
  - name: Several affirming lines are named
    facts: { lanes: [{ label: cloud, state: trusted }, { label: lab, state: trusted }] }
    expect: { status: trusted, rule: all-affirm, reason: "Verified good by cloud, lab" }
  - name: The worst statement wins
    facts:
      lanes: [{ label: cloud, state: degraded }, { label: lab, state: failed, reason: Known bad }]
    expect: { status: failed, rule: lane-failed, reason: "lab: Known bad" }
  - name: Silence after a failure stays a failure
    facts: { lanes: [{ state: stale, afterFailure: true, silent: true, reason: Silent since a failure }] }
    expect: { status: failed, rule: lane-failed, reason: Silent since a failure }
  - name: A warning degrades
    facts: { lanes: [{ state: degraded, reason: "Known weakness: old firmware" }] }
    expect: { status: degraded, rule: lane-degraded }
  - name: One silent line of two degrades
    facts: { lanes: [{ label: cloud, state: trusted }, { label: lab, state: stale }] }
    expect: { status: degraded, rule: some-say-nothing, reason: "1 of 2 lines of evidence say nothing: lab" }
  - name: A node of which nobody says anything is stale
    facts: { lanes: [{ label: cloud, state: stale }, { label: lab, state: stale }] }
    expect: { status: stale, rule: all-silent, reason: "Silent: cloud, lab" }
  - name: A line that has yet to speak keeps the node waiting
    facts: { lanes: [{ state: pending, reason: No statement yet }] }
    expect: { status: pending, rule: waiting, reason: No statement yet }
  - name: A difference that looks like an attack fails a node whose verifiers are content
    facts:
      lanes: [{ state: trusted }]
      drift: [{ worst: malicious_like, effect: fail, score: 90, reason: Secure Boot is off }]
    expect: { status: failed, rule: drift-failed, reason: Secure Boot is off }
  - name: An unexplained difference degrades
    facts:
      lanes: [{ state: trusted }]
      drift: [{ worst: unexplained, effect: degrade, reason: PCR 9 is another one }]
    expect: { status: degraded, rule: drift-degraded, reason: PCR 9 is another one }
  - name: Failing evidence is told before a difference
    facts:
      lanes: [{ state: failed, reason: Known bad }]
      drift: [{ worst: malicious_like, effect: fail, reason: Secure Boot is off }]
    expect: { status: failed, rule: lane-failed, reason: Known bad }
  - name: An authorised upgrade changes nothing
    facts:
      lanes: [{ state: trusted, reason: "Verified good: software" }]
      drift: [{ worst: authorised, effect: note, reason: The kernel is the next one }]
    expect: { status: trusted, reason: "Verified good: software" }
  - name: A difference that was seen before a node fell silent still degrades it
    facts:
      lanes: [{ state: stale, silent: true }]
      drift: [{ worst: unexplained, effect: degrade, reason: PCR 9 is another one }]
    expect: { status: degraded, rule: drift-degraded }
`;

/** A copy of the built-in policy with a memory of its own. */
export function defaultPolicy(): Policy {
  const read = readBundle(DEFAULT_POLICY_TEXT);
  if (!read.ok) throw new Error(`The built-in policy is refused: ${read.problems[0]?.detail}`);
  return policyOf(read.bundle, BUILT_IN_POLICY_VERSION);
}
