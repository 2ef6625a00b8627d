import { and, eq, sql } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { baselineVersion } from "#db/schema/baseline";
import { baselineAdder, EMPTY } from "#tests/baseline-world";
import { useDatabase } from "#tests/pg";
import { makeWorld, type World } from "#tests/world";
import { baselineCourse, brokenVersions } from "./baseline-course.ts";

const { pool } = useDatabase();
let world: World;
let addBaseline: ReturnType<typeof baselineAdder>;

beforeAll(async () => {
  world = await makeWorld(pool);
  addBaseline = baselineAdder(world);
});

async function read(trustDomainId = world.home) {
  const client = await pool.connect();
  try {
    const course = await baselineCourse(client, trustDomainId);
    return { course, broken: await brokenVersions(client, trustDomainId) };
  } finally {
    client.release();
  }
}

it("Baselines come with their rollouts in order of time and each content once", async () => {
  const id = await addBaseline({
    name: "kernels",
    selector: 'node.labels.role == "gpu"',
    sourceId: world.lab,
    submod: "",
    versions: [{ entries: { "kernel/version": ["6.8"] } }, { entries: { "kernel/version": ["6.9"] } }, {}],
    rollouts: [
      { version: 2, fromMs: 2_000, percent: 10 },
      { version: 1, fromMs: 1_000, toMs: 3_000 },
      { version: 2, fromMs: 2_500, part: "accepted", selector: "true" },
    ],
  });
  await addBaseline({ name: "never rolled out", versions: [{}] });
  const { course, broken } = await read();
  expect(course).toEqual([
    {
      id,
      name: "kernels",
      selector: 'node.labels.role == "gpu"',
      sourceId: world.lab,
      submod: "",
      rollouts: [
        { version: 1, part: "target", selector: "", percent: 100, fromMs: 1_000, toMs: 3_000 },
        { version: 2, part: "target", selector: "", percent: 10, fromMs: 2_000, toMs: null },
        { version: 2, part: "accepted", selector: "true", percent: 100, fromMs: 2_500, toMs: null },
      ],
      contents: new Map([
        [1, { ...EMPTY, entries: { "kernel/version": ["6.8"] } }],
        [2, { ...EMPTY, entries: { "kernel/version": ["6.9"] } }],
      ]),
    },
  ]);
  expect(broken).toEqual([]);
  expect((await read(world.away)).course).toEqual([]);
});

it("A version that was changed in the database is never applied, and its neighbours still are", async () => {
  const id = await addBaseline({
    name: "tampered",
    versions: [{ entries: { a: ["1"] } }, { entries: { a: ["2"] } }, { entries: { a: ["3"] } }],
    rollouts: [{ version: 1 }, { version: 2 }, { version: 3 }],
  });
  const at = (version: number) =>
    and(eq(baselineVersion.baselineId, id), eq(baselineVersion.version, version));
  const versions = async () => {
    const own = (await read()).course.find((course) => course.id === id);
    return [[...(own?.contents.keys() ?? [])], own?.rollouts.map(({ version }) => version)];
  };
  expect(await versions()).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);

  await world.db
    .update(baselineVersion)
    .set({ content: { ...EMPTY, entries: { a: ["evil"] } } })
    .where(at(2));
  await world.db.update(baselineVersion).set({ signature: null }).where(at(3));
  expect(await versions()).toEqual([[1], [1]]);
  expect((await read()).broken).toEqual([2, 3].map((version) => ({ baselineId: id, version })));
});

it("Neither a digest that was changed along nor the signature of another version makes it sound", async () => {
  const id = await addBaseline({
    name: "swapped",
    versions: [{ entries: { a: ["1"] } }, { entries: { a: ["2"] } }],
    rollouts: [{ version: 1 }, { version: 2 }],
  });
  // All of version 1, its content, digest and signature, put in place of version 2.
  await world.db.execute(sql`UPDATE baseline_version v SET content = w.content, digest = w.digest,
    signature = w.signature FROM baseline_version w
    WHERE v.baseline_id = ${id}::uuid AND v.version = 2 AND w.baseline_id = v.baseline_id AND w.version = 1`);
  expect((await read()).broken).toContainEqual({ baselineId: id, version: 2 });
});
