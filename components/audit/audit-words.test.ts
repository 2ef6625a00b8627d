import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EVENT_KINDS } from "#lib/domain/notify/event";
import { ACTION_WORDS, actionWords, actorWords } from "./audit-words.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** Where an action gets its name, in the sources. */
const NAMED = /(?:name: |action: |named\(|auditRead\(ctx, |kind: )"([a-z_-]+\.[a-z_-]+)"/g;
/** What is announced is told, and recorded by what caused it. */
const isAnnounced = (named: string) => named.startsWith("kind: ");
const OTHERS = ["touchstone.session"];

function actionsOfSources(): string[] {
  const files = readdirSync(join(ROOT, "lib"), { recursive: true, encoding: "utf8" })
    .filter((name) => /^(services|jobs|server)\/.*\.ts$/.test(name) && !name.includes(".test."))
    .map((name) => readFileSync(join(ROOT, "lib", name), "utf8"));
  return files
    .flatMap((text) => [...text.matchAll(NAMED)])
    .filter(([named, name = ""]) => !(isAnnounced(named) && Object.hasOwn(EVENT_KINDS, name)))
    .map((match) => match[1] ?? "");
}

/** A change that is refused at the door is recorded under the name of its operation. */
function operations(): string[] {
  const { paths } = JSON.parse(readFileSync(join(ROOT, "docs", "openapi.json"), "utf8")) as {
    paths: Record<string, Record<string, { operationId: string }>>;
  };
  return Object.values(paths)
    .flatMap((methods) => Object.entries(methods))
    .filter(([method]) => method !== "get")
    .map(([, { operationId }]) => operationId)
    .filter((name) => !name.startsWith("ingest."));
}

describe("the words of the audit log", () => {
  it("there are some for every action that the product records, and for no other", () => {
    const actions = [...new Set([...actionsOfSources(), ...operations()])].filter(
      (name) => !OTHERS.includes(name),
    );
    expect(actions.length).toBeGreaterThan(50);
    expect(Object.keys(ACTION_WORDS).sort()).toEqual(actions.sort());
  });

  it("never call done what was refused", () => {
    for (const action of [...Object.keys(ACTION_WORDS), "of.another-version"]) {
      const refused = actionWords({ action, outcome: "refused", problemCode: "auth/forbidden" });
      expect(refused).toMatch(/^tried to .* and was refused: auth\/forbidden$/);
      expect(actionWords({ action, outcome: "done", problemCode: null })).not.toMatch(/^tried/);
    }
  });

  it("tell people, service accounts and the product apart", () => {
    expect(actorWords({ actorKind: "user", actor: "ana@example.org" })).toBe("ana@example.org");
    expect(actorWords({ actorKind: "api_key", actor: "k1" })).toBe("API key k1");
    expect(actorWords({ actorKind: "system", actor: "worker" })).toBe("Touchstone (worker)");
  });
});
