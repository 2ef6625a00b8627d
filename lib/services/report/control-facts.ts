/** What a report says of each control, for the systems that are told facts. */
import type { NotedFact } from "#db/queries/feed";
import type { ControlFact } from "#lib/domain/feed/fact";
import type { ReportSnapshot } from "#lib/domain/report/snapshot";
import { uuidv7 } from "#lib/services/uuidv7";

/** One fact per control; none where a report has no framework. @param at when the report became ready */
export function controlFacts(snapshot: Omit<ReportSnapshot, "rows">, at: Date): NotedFact[] {
  const { id: reportId, title: reportTitle, framework, period, knownAt, measures, controls } = snapshot;
  if (!framework) return [];
  const { id, title, edition } = framework;
  return controls.map((control) => {
    const fact: ControlFact = {
      ...{ kind: "control", reportId, reportTitle },
      framework: { id, title, edition },
      control: { id: control.id, line: control.line },
      status: control.status,
      previousStatus: control.previousStatus,
      measures: measures
        .filter((measure) => control.measures.includes(measure.id))
        .map((measure) => ({ id: measure.id, title: measure.title, result: measure.result })),
      notCovered: control.notCovered,
      fromMs: Date.parse(period.from),
      toMs: Date.parse(period.to),
      knownMs: Date.parse(knownAt),
    };
    return { id: uuidv7(at), nodeId: null, at, fact };
  });
}
