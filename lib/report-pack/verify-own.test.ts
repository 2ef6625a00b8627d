import { describe, expect, it } from "vitest";
import type { ReportControl, ReportSnapshot } from "#lib/domain/report/snapshot";
import { IMPORTED, sampleSnapshot } from "#tests/pack-samples";
import { checkControls } from "./verify-figures.ts";

const snapshot = sampleSnapshot(IMPORTED, () => []);
const failuresOf = (report: ReportSnapshot) =>
  checkControls(report)
    .filter(({ standing }) => standing === "failed")
    .map(({ part }) => part);
const withControl = (id: string, change: (control: ReportControl) => ReportControl): ReportSnapshot => ({
  ...snapshot,
  controls: snapshot.controls.map((control) => (control.id === id ? change(control) : control)),
});

describe("controls of an imported framework", () => {
  it("are proven by their measures, mappings and notes; the mapping itself is taken as it stands", () => {
    expect(failuresOf(snapshot)).toEqual([]);
    expect(checkControls(snapshot).find(({ part }) => part === "mapping")?.standing).toBe("not_proven");
  });

  it("fail when the status does not follow from what they are mapped to", () => {
    const turned = withControl("own-3", (control) => ({ ...control, status: "pass" }));
    expect(failuresOf(turned)).toEqual(["control own-3"]);
    const forgotten = withControl("own-3", (control) => ({ ...control, own: undefined }));
    expect(failuresOf(forgotten)).toEqual(["control own-3"]);
  });

  it("fail when a mapping contradicts the measures that it names", () => {
    const silent = withControl("own-1", (control) => ({
      ...control,
      ...{ measures: [], status: "manual" },
    }));
    expect(failuresOf(silent)).toEqual(["control own-1"]);
    const loud = withControl("own-3", (control) => ({ ...control, measures: ["M02"] }));
    expect(failuresOf(loud)).toEqual(["control own-3"]);
  });
});
