/** The collector's configuration file: JSON, checked as a whole before anything is asked. */
import { join } from "node:path";
import { z } from "zod";
import { Address } from "./endpoint.ts";
import { COLLECTORS, collectorByKind } from "./registry.ts";
import { bindingOf } from "./state-file.ts";
import type { TargetSetup } from "./target.ts";

const Path = z.string().min(1).max(4096);

const Target = z.looseObject({
  /** Names the target in logs and its state file. */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "must be lower-case letters, digits and hyphens"),
  kind: z.string(),
  /** Id of the source that the documents are delivered to. */
  source: z.uuid(),
  apiKeyFile: Path,
});

const Config = z.strictObject({
  touchstone: z.strictObject({ url: Address, caFile: Path.optional() }),
  stateDir: Path,
  targets: z.array(Target).min(1).max(200),
});

/** A configuration that cannot be used. The message says where and why. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** @throws {ConfigError} naming the first thing that is wrong */
export function readConfig(text: string): TargetSetup[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new ConfigError(`is not JSON: ${(cause as Error).message}`, { cause });
  }
  const { touchstone, stateDir, targets } = checked(Config, document, "");
  const names = new Set<string>();
  return targets.map(({ name, kind, source, apiKeyFile, ...rest }, index) => {
    const at = `targets.${index}`;
    if (names.has(name)) throw new ConfigError(`${at}.name: ${name} is used twice`);
    names.add(name);
    const collector = collectorByKind(kind);
    if (!collector) {
      const known = COLLECTORS.map((each) => each.kind).join(", ");
      throw new ConfigError(`${at}.kind: there is no collector ${kind}; there are ${known}`);
    }
    const settings = checked(collector.settings, rest, at);
    const destination = { url: touchstone.url, caFile: touchstone.caFile, sourceId: source, apiKeyFile };
    const binding = bindingOf([kind, source, touchstone.url, addressesIn(rest)]);
    return {
      name,
      collector,
      settings,
      destination,
      statePath: join(stateDir, `${name}.json`),
      binding,
    };
  });
}

/** What a target asks; other settings may change without making it another target. */
function addressesIn(settings: Readonly<Record<string, unknown>>): unknown[] {
  return Object.keys(settings)
    .sort()
    .map((name) => [name, (settings[name] as { url?: unknown } | null)?.url])
    .filter(([, url]) => url !== undefined);
}

function checked<T>(schema: z.ZodType<T>, value: unknown, at: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = [at, ...(issue?.path ?? [])].filter((part) => part !== "").join(".");
  throw new ConfigError(`${path || "the document"}: ${issue?.message ?? "is wrong"}`);
}
