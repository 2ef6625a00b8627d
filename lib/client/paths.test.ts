import fc from "fast-check";
import { expect, test } from "vitest";
import { paths, safeCallbackPath } from "./paths.ts";

const ID = "0199c0de-0000-7000-8000-000000000001";

test("addresses of screens: a change here breaks links that people have kept", () => {
  expect([
    paths.overview(),
    paths.overview({ range: "7d" }),
    paths.nodes(),
    paths.nodes({ q: 'status:failed,stale source:"Build farm"', sort: "-since" }),
    paths.node(ID),
    paths.nodeTimeline(ID, { from: "2026-11-20T00:00:00.000Z", to: "2026-11-21T00:00:00.000Z" }),
    paths.nodeEvidence(ID, { event: "ab12" }),
    paths.nodeBootstrap(ID),
    paths.sources(),
    paths.source(ID, { tab: "rejected" }),
    paths.unattributed(),
    paths.account(),
    paths.signIn({ callbackUrl: "/nodes?q=a b" }),
    paths.problem("event/signature"),
  ]).toMatchInlineSnapshot(`
    [
      "/",
      "/?range=7d",
      "/nodes",
      "/nodes?q=status%3Afailed%2Cstale+source%3A%22Build+farm%22&sort=-since",
      "/nodes/0199c0de-0000-7000-8000-000000000001",
      "/nodes/0199c0de-0000-7000-8000-000000000001/timeline?from=2026-11-20T00%3A00%3A00.000Z&to=2026-11-21T00%3A00%3A00.000Z",
      "/nodes/0199c0de-0000-7000-8000-000000000001/evidence?event=ab12",
      "/nodes/0199c0de-0000-7000-8000-000000000001/bootstrap",
      "/sources",
      "/sources/0199c0de-0000-7000-8000-000000000001/rejected",
      "/sources/unattributed",
      "/account",
      "/sign-in?callbackUrl=%2Fnodes%3Fq%3Da+b",
      "/problems/event/signature",
    ]
  `);
});

test("addresses of the API", () => {
  expect([
    paths.api.nodes({ q: "rack7 & co", cursor: null, limit: 50 }),
    paths.api.nodeVerdictRaw(ID, "ab12"),
    paths.api.fleetTrend({ from: "a", to: "b", points: 97 }),
    paths.api.sourceRejected(ID, { cursor: "x=/" }),
  ]).toMatchInlineSnapshot(`
    [
      "/api/v1/nodes?q=rack7+%26+co&limit=50",
      "/api/v1/nodes/0199c0de-0000-7000-8000-000000000001/evidence/ab12/raw",
      "/api/v1/fleet/trend?from=a&to=b&points=97",
      "/api/v1/sources/0199c0de-0000-7000-8000-000000000001/rejected?cursor=x%3D%2F",
    ]
  `);
});

test("an ID can never leave its place in the path", () => {
  expect(paths.node("../../sources?x=1#y")).toBe("/nodes/..%2F..%2Fsources%3Fx%3D1%23y");
});

test("after signing in one goes on to a place of this site only", () => {
  const kept = ["/", "/nodes?q=status%3Afailed", "/nodes/1/timeline?from=a#b"];
  expect(kept.map(safeCallbackPath)).toEqual(kept);
  const refused = [
    null,
    "",
    "nodes",
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "/\t/evil.example",
    "/..//evil.example",
    "javascript:alert(1)",
    "/sign-in?callbackUrl=/",
    "/api/auth/signout",
  ];
  expect(refused.map(safeCallbackPath)).toEqual(refused.map(() => "/"));
});

test("whatever is asked for, the answer stays on this site", () => {
  const nasty = fc.array(
    fc.constantFrom("/", "\\", ".", ":", "@", "\t", "\n", "%2f", "evil.example", "https"),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        nasty.map((parts) => `/${parts.join("")}`),
      ),
      (asked) => {
        const path = safeCallbackPath(asked);
        expect(new URL(path, "https://touchstone.example").origin).toBe("https://touchstone.example");
      },
    ),
    { numRuns: 1_000 },
  );
});
