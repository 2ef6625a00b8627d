import { at, modulesOf, type Tree, withoutComments } from "../tree.ts";
import type { Rule } from "./rule.ts";

/** Where the product opens connections without `lib/outbound`, each with the reason. */
const KNOWN: Readonly<Record<string, string>> = {
  "lib/client/api.ts": "runs in the browser",
  "lib/demo/post.ts": "sends to the server that the same command has started",
  "cli/up/server-process.ts": "asks the server that the same command has started",
  "lib/collect/exchange.ts": "makes its requests through a guarded agent",
  "lib/server/workload.ts": "has the library ask for keys through lib/server/ask-issuer.ts, which is guarded",
};

const WAYS_OUT = [
  // Clients of node's own modules, by whatever name they are imported.
  /import\s+(?!type\b)(?:\*|\w+)[^;]*?from\s*"(?:node:)?(?:https?|http2|net|tls|dgram)"/g,
  /import\s*\{[^}]*(?<!type )\b(?:request|get|Agent|connect|createConnection|Socket|TLSSocket|createSocket)\b[^}]*\}\s*from\s*"(?:node:)?(?:https?|http2|net|tls|dgram)"/g,
  /\bimport\(\s*"(?:node:)?(?:https?|http2|net|tls|dgram)"\s*\)|\brequire\(\s*"(?:node:)?(?:https?|http2|net|tls|dgram)"\s*\)/g,
  /(?<![.\w])fetch\s*\(|\bglobalThis\s*\.\s*fetch\b/g,
  /\bnew\s+(?:WebSocket|XMLHttpRequest)\b/g,
  /from\s*"(?:undici|axios|got|node-fetch|ky|superagent|@grpc\/grpc-js)"/g,
  /\bcreateRemoteJWKSet\b/g,
];

const isProduct = (path: string): boolean =>
  /^(app|cli|components|db|lib)\/|^[a-z]+\.ts$/.test(path) &&
  !/\.test\.tsx?$/.test(path) &&
  !path.startsWith("lib/outbound/");

function waysOut(tree: Tree): string[] {
  return modulesOf(tree)
    .concat([...tree.keys()].filter((path) => path.endsWith(".tsx")))
    .filter((path) => isProduct(path) && !Object.hasOwn(KNOWN, path))
    .flatMap((path) => {
      const text = withoutComments(tree.get(path) ?? "");
      return WAYS_OUT.flatMap((way) =>
        [...text.matchAll(way)].map(
          (match) => `${at(path, text, match.index)} ${match[0].replace(/\s+/g, " ")}`,
        ),
      );
    });
}

/** Rules about what leaves this machine. */
export const OUTBOUND_RULES: readonly Rule[] = [
  {
    name: "one way out",
    why: "an address that somebody wrote may lead inside: send through lib/outbound, which judges where it leads",
    find: waysOut,
  },
];
