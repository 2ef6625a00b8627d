import { createHmac, generateKeyPairSync } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { ingestHandler } from "#lib/ingest/http";
import { createIngest } from "#lib/ingest/ingest";
import { authenticateApiKey } from "#lib/server/api-key";
import { makeLog } from "#lib/server/log";
import { SOURCES } from "#lib/sources/registry";
import { useDatabase } from "#tests/pg";
import { testSealer } from "#tests/sealer";
import { makeWorld, NOW, refusalOf, type World } from "#tests/world";
import { createSource } from "./create.ts";
import { createApiKey } from "./create-api-key.ts";
import { sourceKeys } from "./keys.ts";
import { sourceGet, sourceList } from "./list.ts";
import { prepareKeys } from "./prepare-keys.ts";
import { readSecret } from "./secret-text.ts";

const { pool } = useDatabase();
const sealer = testSealer();
const CANARY = "canary-5d41402abc4b2a76b9719d911017c592";
const NEXT_CANARY = "canary-7d793037a0760186574b0282f2f435e7";

let world: World;
beforeAll(async () => {
  world = await makeWorld(pool);
});
const create = (body: { kind: string; name: string; secrets?: string[]; jwks?: { keys: object[] } }) =>
  createSource(world.as("admin"), body as Parameters<typeof createSource>[1], SOURCES, sealer);
const prepare = (sourceId: string, body: object) =>
  prepareKeys(world.as("admin"), { sourceId, ...body }, { kinds: SOURCES, sealer });

/** All that the database holds, as text: every row of every table, bytes in hexadecimal and as characters. */
async function dump(): Promise<string> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c
     WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await pool.query(`SELECT t.*, t::text AS line FROM ${name} t`);
    texts.push(JSON.stringify(rows, (_, value) => (value?.type === "Buffer" ? latin(value.data) : value)));
  }
  return texts.join("\n");
}
const latin = (bytes: number[]) => Buffer.from(bytes).toString("latin1");

/** Every way that a secret could be written. */
const spellings = (secret: string) => [
  secret,
  Buffer.from(secret).toString("base64"),
  Buffer.from(secret).toString("base64url"),
  Buffer.from(secret).toString("hex"),
];

describe("a shared secret", () => {
  it("verifies what its sender signs, and stands in no answer, record, table or log line", async () => {
    const lines: string[] = [];
    const log = makeLog("trace", { write: (line) => lines.push(line) });
    const made = await create({ kind: "tailscale", name: "tailnet", secrets: [CANARY] });
    const answers: unknown[] = [made, await prepare(made.id, { secrets: [NEXT_CANARY] })];
    answers.push(await refused(create({ kind: "ear", name: "wrong kind", secrets: [CANARY] })));
    answers.push(await refused(prepare(made.id, { secrets: [CANARY] })));
    answers.push(await refused(prepare(made.id, { secrets: [CANARY, CANARY] })));
    answers.push(await refused(prepare(made.id, { secrets: [`${CANARY} `] })));
    answers.push(await refused(prepare(made.id, { secrets: [CANARY], nonsense: CANARY.slice(0, 9) })));
    for (const error of answers.filter((answer) => answer instanceof Error))
      log.error({ err: error }, "refused");

    const { secret } = await createApiKey(world.as("admin"), {
      sourceId: made.id,
      scopes: ["ingest:write"],
      expiresInDays: 1,
    });
    const handle = ingestHandler(
      createIngest({
        db: world.db,
        sealer,
        authenticate: (header) => authenticateApiKey(world.db, header, NOW),
        now: () => NOW,
        observe: () => {},
      }),
      (err, requestId) => log.error({ err, requestId }, "ingest failed"),
    );
    const deliver = async (by: string) => {
      const body = JSON.stringify([
        { type: "nodeCreated", timestamp: NOW.toISOString(), data: { nodeID: by.slice(-4) } },
      ]);
      const stamp = NOW.getTime() / 1_000;
      const mac = createHmac("sha256", by).update(`${stamp}.${body}`).digest("hex");
      const answer = await handle({
        method: "POST",
        path: `/api/v1/sources/${made.id}/deliver`,
        headers: { authorization: `Bearer ${secret}`, "tailscale-webhook-signature": `t=${stamp},v1=${mac}` },
        body: (async function* () {
          yield Buffer.from(body);
        })(),
      });
      answers.push(answer);
      return answer.status;
    };
    expect(await deliver(CANARY)).toBe(202);
    expect(await deliver(NEXT_CANARY)).toBe(202);
    expect(await deliver("a secret of somebody else entirely")).toBe(422);

    const viewer = world.as("viewer");
    answers.push(await sourceList(viewer, SOURCES), await sourceGet(viewer, { sourceId: made.id }, SOURCES));
    answers.push(await sourceKeys(viewer, { sourceId: made.id }));
    const places: Record<string, string> = {
      answers: answers
        .map((answer) => (answer instanceof Error ? describeError(answer) : JSON.stringify(answer)))
        .join(),
      tables: await dump(),
      logs: lines.join(),
    };
    expect(places.tables).toContain(made.id);
    expect(lines.length).toBeGreaterThan(0);
    for (const [place, text] of Object.entries(places)) {
      for (const spelling of [...spellings(CANARY), ...spellings(NEXT_CANARY)]) {
        expect(text.includes(spelling), `${spelling} in ${place}`).toBe(false);
      }
    }
  });

  it("shows as a secret without a word of it, under a name that says nothing about it", async () => {
    const made = await create({
      kind: "step-ca",
      name: "ca",
      secrets: [Buffer.alloc(32, 5).toString("base64")],
    });
    const [key] = made.keys;
    expect(key).toMatchObject({ alg: "HS256", secret: true, state: "active", validTo: null });
    expect(key?.kid).toMatch(/^secret-[0-9a-f]{8}$/);
    const { rows } = await pool.query(
      "SELECT jwk, octet_length(sealed_secret)::int AS n FROM source_key WHERE kid = $1",
      [key?.kid],
    );
    expect(rows).toEqual([{ jwk: null, n: 1 + 12 + 32 + 16 }]);
  });

  it("cannot be stored by a caller that brings no sealer", async () => {
    const body = { kind: "tailscale", name: "unsealed", secrets: [CANARY] };
    await expect(createSource(world.as("admin"), body, SOURCES)).rejects.toThrow("No sealer");
    expect((await pool.query("SELECT 1 FROM source WHERE name = 'unsealed'")).rowCount).toBe(0);
  });
});

describe("registering", () => {
  const ed = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" });
  const good = Buffer.alloc(24, 3).toString("base64");

  it.each([
    ["a secret for a kind with public keys", "ear", { secrets: [CANARY] }, "#/secrets/0"],
    ["a public key for a kind with secrets", "tailscale", { jwks: { keys: [ed] } }, "#/jwks/keys/0"],
    ["a public key for a kind with secrets", "step-ca", { jwks: { keys: [ec] } }, "#/jwks/keys/0"],
    ["a public key of another algorithm", "standard-webhooks", { jwks: { keys: [ec] } }, "#/jwks/keys/0"],
    [
      "a secret as a JWK",
      "standard-webhooks",
      { jwks: { keys: [{ kty: "oct", k: good }] } },
      "#/jwks/keys/0/k",
    ],
    [
      "the sender's public key as a secret",
      "standard-webhooks",
      { secrets: [`whpk_${good}`] },
      "#/secrets/0",
    ],
    [
      "the sender's private key as a secret",
      "standard-webhooks",
      { secrets: [`whsk_${good}`] },
      "#/secrets/0",
    ],
    ["a PEM block", "tailscale", { secrets: ["-----BEGIN PUBLIC KEY-----AAAAAAAAAAAAAAAA"] }, "#/secrets/0"],
    ["a short secret", "tailscale", { secrets: [good, "x".repeat(23)] }, "#/secrets/1"],
    ["a short decoded secret", "step-ca", { secrets: [Buffer.alloc(23).toString("base64")] }, "#/secrets/0"],
    ["no base64", "step-ca", { secrets: ["this-is-no-base64-at-all-anywhere"] }, "#/secrets/0"],
    ["a prefix of another kind", "step-ca", { secrets: [`whsec_${good}`] }, "#/secrets/0"],
    ["white space", "tailscale", { secrets: [`${CANARY}\n`] }, "#/secrets/0"],
    ["one secret twice", "tailscale", { secrets: [CANARY, CANARY] }, "#/secrets/1"],
  ])("refuses %s (%s) with a pointer to it", async (_, kind, keys, pointer) => {
    await expect(create({ kind, name: "bad", ...keys })).rejects.toMatchObject({
      code: "request/invalid",
      pointers: [{ pointer }],
    });
  });

  it("takes what the kind is signed with", async () => {
    const kinds = async (kind: string, keys: object) =>
      (await create({ kind, name: `good ${kind}`, ...keys })).keys.map(({ alg }) => alg).sort();
    expect(await kinds("standard-webhooks", { secrets: [`whsec_${good}`], jwks: { keys: [ed] } })).toEqual([
      "EdDSA",
      "HS256",
    ]);
    expect(await kinds("tailscale", { secrets: [good] })).toEqual(["HS256"]);
  });

  it("reads whsec_ as base64, with or without the prefix and padding, and text as it stands", () => {
    const bytes = Buffer.alloc(25, 9);
    const text = bytes.toString("base64");
    for (const spelling of [text, `whsec_${text}`, text.replace(/=+$/, "")])
      expect(readSecret(spelling, "whsec", "#")).toEqual(bytes);
    expect(readSecret(text, "text", "#")).toEqual(Buffer.from(text));
  });

  it("needs the right to manage sources, and a source of one's own domain", async () => {
    const { id } = await create({ kind: "tailscale", name: "guarded", secrets: [CANARY] });
    const attempt = (role: "analyst" | "admin", domains?: string[]) =>
      refusalOf(
        prepareKeys(
          world.as(role, domains),
          { sourceId: id, secrets: [NEXT_CANARY] },
          { kinds: SOURCES, sealer },
        ),
      );
    expect(await attempt("analyst")).toBe("auth/forbidden");
    expect(await attempt("admin", [world.away])).toBe("source/not-found");
    expect(await attempt("admin")).toBe("not refused");
  });
});

async function refused(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error("it was not refused");
    },
    (error: Error) => error,
  );
}

function describeError(error: Error): string {
  return JSON.stringify([error.message, error, Object.entries(error), String(error.cause)]);
}
