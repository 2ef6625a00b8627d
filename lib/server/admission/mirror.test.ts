import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AdmissionNodeRow } from "#db/queries/admission";
import { AdmissionMirror } from "./mirror.ts";

const HOME = "d1";
const home = new Set([HOME]);
const row = (id: string, more: Partial<AdmissionNodeRow> = {}): AdmissionNodeRow => ({
  trustDomainId: HOME,
  id,
  name: id,
  disposition: "in_service",
  status: "trusted",
  statusReason: "Verified good",
  lifecycle: "trusted",
  evidenceAt: 0,
  alarms: [],
  identities: [],
  ...more,
});
function mirrorOf(...rows: AdmissionNodeRow[]): AdmissionMirror {
  const mirror = new AdmissionMirror();
  for (const one of rows) mirror.put(one);
  return mirror;
}
const byName = (mirror: AdmissionMirror, name: string, domains: ReadonlySet<string> = home) =>
  mirror.byClaim(domains, { name, identities: [] });

describe("the mirror", () => {
  it("believes the cluster's own name before ours, and ours before what the machine calls itself", () => {
    const mirror = mirrorOf(
      row("a", { identities: ["hostname worker"] }),
      row("b", { name: "worker" }),
      row("c", { identities: ["k8s_node_name worker"] }),
    );
    expect(byName(mirror, "worker").node?.id).toBe("c");
    mirror.put(row("c"));
    expect(byName(mirror, "worker").node?.id).toBe("b");
    mirror.put(row("b"));
    expect(byName(mirror, "worker").node?.id).toBe("a");
  });

  it("calls it a conflict when a name means several machines, unless all but one are gone for good", () => {
    const mirror = mirrorOf(row("a", { name: "worker" }), row("b", { name: "worker" }));
    expect(byName(mirror, "worker").subject.kind).toBe("conflict");
    mirror.put(row("a", { name: "worker", lifecycle: "decommissioned" }));
    expect(byName(mirror, "worker").node?.id).toBe("b");
  });

  it("never lets a machine in under the name of another one", () => {
    const identities = ["k8s_node_name worker", "system_uuid 1111"];
    const mirror = mirrorOf(row("a", { identities }), row("b", { identities: ["system_uuid 2222"] }));
    const claim = (value: string) =>
      mirror.byClaim(home, { name: "worker", identities: [{ kind: "system_uuid", value }] });
    expect(claim("1111").node?.id).toBe("a");
    expect(claim("2222").subject).toMatchObject({ kind: "conflict" });
    expect(claim("3333").subject).toMatchObject({ kind: "conflict" });
    const both = {
      name: null,
      identities: ["1111", "2222"].map((value) => ({ kind: "system_uuid", value }) as const),
    };
    expect(mirror.byClaim(home, both).subject.kind).toBe("conflict");
  });

  it("proves nothing by what anybody can call themselves", () => {
    const mirror = mirrorOf(row("a", { identities: ["hostname x"] }));
    expect(
      mirror.byClaim(home, { name: null, identities: [{ kind: "hostname", value: "x" }] }).node,
    ).toBeNull();
  });

  it("shows nobody a node of another domain", () => {
    const mirror = mirrorOf(row("a", { trustDomainId: "d2", identities: ["serial s"] }));
    expect(mirror.byId(home, "a").node).toBeNull();
    expect(byName(mirror, "a").node).toBeNull();
    expect(
      mirror.byClaim(home, { name: null, identities: [{ kind: "serial", value: "s" }] }).node,
    ).toBeNull();
    expect(byName(mirror, "a", new Set(["d2"])).node?.id).toBe("a");
  });

  it("finds after any changes what a mirror finds that saw only the last state", () => {
    const ids = fc.constantFrom("a", "b", "c");
    const names = fc.constantFrom("x", "y", "z");
    const rows = fc.array(
      fc.tuple(ids, names, fc.subarray(["k8s_node_name x", "hostname y", "serial s", "serial t"])),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(rows, (changes) => {
        const all = changes.map(([id, name, identities]) => row(id, { name, identities }));
        const last = new Map(all.map((one) => [one.id, one]));
        const [followed, fresh] = [mirrorOf(...all), mirrorOf(...last.values())];
        for (const name of ["x", "y", "z"])
          expect(byName(followed, name).subject.kind).toBe(byName(fresh, name).subject.kind);
        for (const value of ["s", "t"]) {
          const claim = { name: null, identities: [{ kind: "serial" as const, value }] };
          expect(followed.byClaim(home, claim).node?.id).toBe(fresh.byClaim(home, claim).node?.id);
        }
        expect(followed.size).toBe(last.size);
      }),
    );
  });
});
