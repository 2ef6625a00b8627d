/** What must not pass: refused with its reason, kept for people to see, and without any effect on trust. */
import { paths } from "#lib/client/paths";
import { type Answer, type Product, type Sender, unique } from "./api.ts";
import { expect, heading, signIn, test } from "./fixtures.ts";
import {
  BAD,
  EAR_MEDIA_TYPE,
  earClaims,
  GOOD,
  newVerifier,
  signed,
  tokenOf,
  type Verifier,
  verdict,
} from "./messages.ts";
import type { FleetSummary, Problem, RejectedPage } from "./views.ts";

const HOUR_MS = 3_600_000;

type Attack = {
  name: string;
  code: string;
  status: number;
  /** False when the request is refused before its body is read: then there is nothing to keep. */
  kept?: boolean;
  send: (world: World) => Promise<Answer>;
};

type World = {
  product: Product;
  verifier: Verifier;
  /** Believes signed tokens only. */
  ear: Sender;
  /** Believes plain JSON on the word of its API key. */
  generic: Sender;
  node: string;
};

const token = (world: World, body: string) => world.product.deliver(world.ear, body, EAR_MEDIA_TYPE);
const json = (world: World, body: string | Uint8Array) =>
  world.product.deliver(world.generic, body, "application/json");
const plain = (node: string) => JSON.stringify(verdict(node, "verified_bad"));

const TOKENS: Attack[] = [
  {
    name: "signed with another key under the registered key's id",
    code: "event/signature",
    status: 422,
    send: async (world) => {
      const stranger = await newVerifier(world.verifier.kid);
      return token(world, await signed(stranger, earClaims({ tpm: BAD }, { nodeId: world.node })));
    },
  },
  {
    name: "alg none",
    code: "event/algorithm",
    status: 422,
    send: (world) =>
      token(world, tokenOf({ alg: "none" }, earClaims({ tpm: BAD }, { nodeId: world.node }), "AA")),
  },
  {
    name: "HS256 with the public key as the secret",
    code: "event/algorithm",
    status: 422,
    send: (world) =>
      token(
        world,
        tokenOf(
          { alg: "HS256", kid: world.verifier.kid },
          earClaims({ tpm: BAD }, { nodeId: world.node }),
          Buffer.from("a mac of thirty-two bytes, or so").toString("base64url"),
        ),
      ),
  },
  {
    name: "a good signature over empty claims",
    code: "event/claims",
    status: 422,
    send: async (world) => token(world, await signed(world.verifier, {})),
  },
  {
    name: "expired",
    code: "event/expired",
    status: 422,
    send: async (world) => {
      const claims = earClaims({ tpm: BAD }, { nodeId: world.node, atMs: Date.now() - HOUR_MS });
      return token(world, await signed(world.verifier, claims));
    },
  },
  {
    name: "dated in the future",
    code: "event/future",
    status: 422,
    send: async (world) => {
      const claims = earClaims({ tpm: BAD }, { nodeId: world.node, atMs: Date.now() + HOUR_MS });
      return token(world, await signed(world.verifier, claims));
    },
  },
  {
    name: "a node's own token sent again for another node",
    code: "event/replay",
    status: 409,
    send: async (world) => {
      const { product, ear, verifier } = world;
      const mediaType = EAR_MEDIA_TYPE;
      const data = await signed(verifier, earClaims({ tpm: GOOD }));
      const first = await product.postEvent(ear, { subject: world.node, mediaType, data });
      expect(first.status).toBe(202);
      return product.postEvent(ear, { subject: unique("another"), mediaType, data });
    },
  },
];

const BODIES: Attack[] = [
  {
    name: "larger than a megabyte",
    code: "request/too-large",
    status: 413,
    kept: false,
    send: (world) => json(world, `{"schema":"${"x".repeat(1_100_000)}"}`),
  },
  {
    name: "nested a hundred thousand levels deep",
    code: "event/malformed",
    status: 400,
    send: (world) => json(world, `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`),
  },
  {
    name: "a NUL character",
    code: "event/malformed",
    status: 400,
    send: (world) => json(world, plain(world.node).replace("verified_bad", "verified_bad\\u0000")),
  },
  {
    name: "a lone surrogate",
    code: "event/malformed",
    status: 400,
    send: (world) => json(world, plain(world.node).replace("verified_bad", "\\ud800")),
  },
  {
    name: "the same key twice",
    code: "event/malformed",
    status: 400,
    send: (world) =>
      json(world, plain(world.node).replace('"outcome":', '"outcome":"verified_good","outcome":')),
  },
  {
    name: "bytes that are no UTF-8",
    code: "event/malformed",
    status: 400,
    send: (world) => json(world, Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])),
  },
];

async function makeWorld(product: Product): Promise<World> {
  const verifier = await newVerifier();
  const ear = await product.createSource("ear", { jwks: verifier.jwks });
  const generic = await product.createSource("generic");
  const node = unique("target");
  const good = await signed(verifier, earClaims({ tpm: GOOD }));
  const answer = await product.postEvent(ear, { subject: node, mediaType: EAR_MEDIA_TYPE, data: good });
  expect(answer.status).toBe(202);
  return { product, verifier, ear, generic, node };
}

/** What the whole fleet is believed to be. */
async function statuses(product: Product) {
  const { nodes, counts, neverAttested } = await product.read<FleetSummary>(paths.api.fleetSummary());
  return { nodes, counts, neverAttested };
}

for (const [kind, attacks, sourceOf] of [
  ["tokens", TOKENS, (world: World) => world.ear],
  ["bodies", BODIES, (world: World) => world.generic],
] as const) {
  test(`hostile ${kind} are refused by name, kept in the Rejected tab and change no status`, async ({
    page,
    product,
  }) => {
    const world = await makeWorld(product);
    const before = await statuses(product);
    const titles = new Map<string, string>();
    for (const { name, code, status, send } of attacks) {
      await test.step(name, async () => {
        const answer = await send(world);
        expect(answer.status).toBe(status);
        expect(answer.headers.get("content-type")).toBe("application/problem+json");
        const problem = answer.json<Problem>();
        expect(problem).toMatchObject({ code, status, type: `/problems/${code}` });
        titles.set(code, problem.title);
      });
    }
    expect(await statuses(product)).toEqual(before);

    const source = sourceOf(world);
    const expected = attacks.filter(({ kept }) => kept !== false);
    const { items } = await product.read<RejectedPage>(paths.api.sourceRejected(source.sourceId));
    expect(items.map(({ code }) => code).sort()).toEqual(expected.map(({ code }) => code).sort());

    await signIn(page, product, "analyst");
    await page.goto(paths.source(source.sourceId));
    await page.getByRole("link", { name: /^Rejected/ }).click();
    const list = page.getByRole("main").getByRole("listitem");
    for (const { code } of expected) {
      const title = titles.get(code) ?? "";
      const items = list.filter({ has: page.getByRole("link", { name: title, exact: true }) });
      await expect(items).toHaveCount(expected.filter((attack) => attack.code === code).length);
    }
    const code = expected[0]?.code ?? "";
    const title = titles.get(code) ?? "";
    await page.getByRole("link", { name: title, exact: true }).first().click();
    await expect(heading(page)).toHaveText(title);
    await expect(page.getByRole("main")).toContainText(code);
  });
}

test("the same refused bytes are one row with a count, and the overview leads to them", async ({
  page,
  product,
}) => {
  const world = await makeWorld(product);
  const stranger = await newVerifier(world.verifier.kid);
  const forged = await signed(stranger, earClaims({ tpm: BAD }, { nodeId: world.node }));
  for (let time = 0; time < 3; time += 1) expect((await token(world, forged)).status).toBe(422);

  await signIn(page, product, "analyst");
  await page.goto(paths.overview());
  const needs = page.getByRole("link", { name: /distinct rejected events|rejected event/ });
  await expect(needs).toHaveAttribute("href", paths.sources());
  await needs.click();
  const row = page.getByRole("row").filter({ hasText: world.ear.name });
  await row.getByRole("link", { name: "3", exact: true }).click();
  await expect(page).toHaveURL(paths.source(world.ear.sourceId, { tab: "rejected" }));
  const item = page.getByRole("main").getByRole("listitem").filter({ hasText: "signature" });
  await expect(item).toHaveCount(1);
  await expect(item).toContainText("3 times");
});

test("a sender without the right API key is refused and leaves no trace in the source", async ({
  product,
}) => {
  const world = await makeWorld(product);
  const strange = { sourceId: world.generic.sourceId, secret: world.ear.secret };
  const wrong = await product.deliver(strange, plain(world.node), "application/json");
  expect(wrong.status).toBe(403);
  expect(wrong.json()).toMatchObject({ code: "source/wrong-key" });
  const guessed = { ...strange, secret: `ts_${"A".repeat(43)}` };
  const unknown = await product.deliver(guessed, plain(world.node), "application/json");
  expect(unknown.status).toBe(401);
  const { items } = await product.read<RejectedPage>(paths.api.sourceRejected(strange.sourceId));
  expect(items).toEqual([]);
});
