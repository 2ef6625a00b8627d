import { writeFile } from "node:fs/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import { GatePage, type GateQuery } from "#lib/contracts/admission";
import { ADMISSION_REQUIREMENTS, type AdmissionRequirement } from "#lib/domain/admission";
import { NOTHING_ALLOWED, opening } from "#lib/outbound/address";
import { outboundTo } from "#lib/outbound/client";
import { type GateNode, gateLines, gateResult, junitReport } from "./gate-report.ts";
import { CommandError, print } from "./output.ts";
import { withSession } from "./session.ts";
import { parseDuration } from "./source.ts";

type Options = {
  query: string;
  require: AdmissionRequirement;
  maxAge?: number;
  url?: string;
  key?: string;
  domain?: string;
  junit?: string;
  json?: boolean;
};
type Ask = (query: GateQuery) => Promise<GatePage>;

/** Exit status when nobody could be asked: not met and not known are two things to a pipeline. */
const NOT_ASKED = 2;
const PAGE = 200;
const TIMEOUT_MS = 30_000;

/** `touchstone gate`: a pipeline goes on only where the nodes that it deploys to are trusted. */
export function addGate(program: Command): void {
  program
    .command("gate")
    .description("say whether all nodes that match a query are trusted: 0 = yes, 1 = no, 2 = could not ask")
    .requiredOption("--query <query>", "nodes, as the list of nodes is searched; an empty text means all")
    .addOption(
      new Option("--require <requirement>", "what is asked of each node")
        .choices(ADMISSION_REQUIREMENTS)
        .default("trusted"),
    )
    .option("--max-age <duration>", "oldest evidence that counts, such as 15m; a minute at least", maxAge)
    .option("--url <url>", "ask this server over HTTP instead of the database")
    .option("--key <key>", "key of a service account for admission:ask; else TOUCHSTONE_KEY")
    .option("--domain <id>", "only nodes of this trust domain")
    .option("--junit <file>", "write a JUnit report as well")
    .option("--json", "print one JSON document")
    .action(run);
}

function maxAge(text: string): number {
  const ms = parseDuration(text);
  if (ms === null || ms < 60_000) throw new InvalidArgumentError("Give a duration of a minute at least.");
  return ms;
}

async function run(options: Options): Promise<void> {
  const { query: q, require, maxAge: maxAgeMs, junit, json } = options;
  const query: GateQuery = {
    ...{ q, require, limit: PAGE },
    ...(maxAgeMs === undefined ? {} : { maxAgeSeconds: Math.floor(maxAgeMs / 1_000) }),
  };
  try {
    const result = gateResult(await judged(options, query));
    if (junit !== undefined) await writeFile(junit, junitReport(result));
    print(json, result, gateLines(result, q));
    if (!result.passed) process.exitCode = 1;
  } catch (error) {
    throw Object.assign(error instanceof Error ? error : new Error(String(error)), { exitCode: NOT_ASKED });
  }
}

function judged({ url, key, domain }: Options, query: GateQuery): Promise<readonly GateNode[]> {
  const secret = key ?? (process.env.TOUCHSTONE_KEY || undefined);
  if (url !== undefined) return allPages(overHttp(url, secret, domain), query);
  return withSession(async ({ ctx }) => {
    const { gate } = await import("#lib/services/admission/gate");
    return allPages((asked) => gate(ctx, asked), query);
  }, domain);
}

async function allPages(ask: Ask, query: GateQuery): Promise<readonly GateNode[]> {
  const nodes = new Map<string, GateNode>();
  let cursor: string | null = null;
  do {
    const page: GatePage = await ask(cursor === null ? query : { ...query, cursor });
    for (const node of page.items) nodes.set(node.id, node);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return [...nodes.values()];
}

function overHttp(url: string, key: string | undefined, domain: string | undefined): Ask {
  if (key === undefined) throw new CommandError("give a key: --key, or TOUCHSTONE_KEY");
  const address = `${url.replace(/\/$/, "")}/api/v1/admission/nodes`;
  if (!URL.canParse(address)) throw new CommandError(`${address} is no address`);
  // Whoever runs the command names the server and thereby opens it.
  const send = outboundTo(opening(NOTHING_ALLOWED, address));
  return async (query) => {
    const target = new URL(address);
    for (const [name, value] of Object.entries(query)) target.searchParams.set(name, String(value));
    if (domain !== undefined) target.searchParams.set("scope", domain);
    const request = { method: "GET" as const, url: target.href, timeoutMs: TIMEOUT_MS };
    const headers = { authorization: `Bearer ${key}` };
    const { status, body } = await send({ ...request, headers }, new AbortController().signal).catch(
      (error: Error) => {
        throw new CommandError(`cannot reach ${address}: ${error.message}`);
      },
    );
    const answer = jsonOf(body);
    const page = GatePage.safeParse(answer);
    if (status === 200 && page.success) return page.data;
    const { detail } = (answer ?? {}) as { detail?: unknown };
    throw new CommandError(
      typeof detail === "string" && status !== 200
        ? detail
        : `the server answered ${status} with no verdicts`,
    );
  };
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return null;
  }
}
