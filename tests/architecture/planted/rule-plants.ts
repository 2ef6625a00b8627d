const lines = (n: number): string => "export {};\n".repeat(n);
const manifest = JSON.stringify({ imports: { "#lib/*": "./lib/*.ts", "#db/*": "./db/*.ts" } });
const lock = (packages: Record<string, unknown>): string => JSON.stringify({ packages });

/** Trees that break one rule, and a near miss of each that does not. By rule name. */
export const RULE_PLANTS: Record<string, { bad: Record<string, string>[]; good: Record<string, string>[] }> =
  {
    "no file over 500 lines": {
      bad: [{ "lib/domain/a.ts": lines(501) }, { "app/globals.css": lines(501) }],
      good: [{ "lib/domain/a.ts": lines(500) }],
    },
    "kebab-case names": {
      bad: [
        { "components/ui/Button.tsx": "" },
        { "lib/domain/trust_status.ts": "" },
        { "lib/Domain/a.ts": "" },
      ],
      good: [
        { "app/(console)/nodes/[nodeId]/page.tsx": "", "db/a.db.test.ts": "", "README.md": "" },
        { "app/api/auth/[...nextauth]/route.ts": "", "app/problems/[[...code]]/page.tsx": "" },
      ],
    },
    "nothing is left for later in the text": {
      bad: [{ "lib/a.ts": "// TODO: later" }, { "docs/guide/a.md": "FIXME" }],
      good: [{ "lib/a.ts": "const todos = []" }],
    },
    "no machine paths": {
      bad: [
        { "docs/a.md": "cd /home/alice/touchstone" },
        { "lib/a.ts": 'const x = "/root/x"' },
        { "lib/a.ts": "// see /Users/bob/x" },
      ],
      good: [{ "docs/a.md": "`~/.touchstone`, /var/lib/touchstone and /homepage" }],
    },
    "every test runs": {
      bad: [
        { "lib/a.test.ts": 'it.only("x", () => {})' },
        { "lib/a.test.ts": 'describe.skip("x", () => {})' },
        { "lib/a.test.ts": 'test.concurrent.skip("x", () => {})' },
        { "lib/a.test.ts": 'it.todo("x")' },
        { "e2e/a.spec.ts": 'test.fixme("x", () => {})' },
        { "lib/a.test.ts": 'xit("x", () => {})' },
      ],
      good: [{ "lib/a.test.ts": 'it.skipIf(!root)("x", () => {}); // never it.only\nquery.skip(3)' }],
    },
    "no Server Actions": {
      bad: [{ "app/a.ts": '"use server";\n' }, { "app/a.ts": "async function f() {\n  'use server';\n}" }],
      good: [{ "app/a.ts": '"use client";\n// "use server" is banned\n' }],
    },
    "no dangerouslySetInnerHTML": {
      bad: [{ "components/a.tsx": "<p dangerouslySetInnerHTML={{ __html: x }} />" }],
      good: [{ "components/a.tsx": "// dangerouslySetInnerHTML is banned\n<p>{x}</p>" }],
    },
    "no OFFSET paging": {
      bad: [
        { "db/queries/a.ts": "sql`SELECT 1 LIMIT 10 OFFSET 20`" },
        { "db/queries/a.ts": "sql`SELECT 1 OFFSET $" + "{from}`" },
        { "db/queries/a.ts": "db.select().from(node).offset(20)" },
        { "lib/services/a.ts": "db.select().from(node)\n  .offset(20)" },
      ],
      good: [{ "db/queries/a.ts": "// never OFFSET 20\nconst offset = text.offset;" }],
    },
    "no randomness in the domain": {
      bad: [{ "lib/domain/a.ts": "Math.random()" }, { "lib/domain/a.ts": "globalThis.Date.now()" }],
      good: [{ "lib/domain/a.test.ts": "Math.random()", "lib/demo/a.ts": "Math.random()" }],
    },
    "no import() type expressions": {
      bad: [
        { "lib/client/a.ts": 'let x: import("#db/client").Db;' },
        { "lib/client/a.ts": 'type X = import("#db/client")["Db"];' },
        { "lib/client/a.ts": 'type X = typeof import("#db/client");' },
        { "lib/client/a.ts": 'function f(db: import("#db/client")\n  .Db) {}' },
      ],
      good: [
        { "lib/client/a.ts": 'const { a } = await import("./b.ts"); (await import("./b.ts")).x();' },
        { "lib/client/a.ts": 'import("./b.ts").then(f).catch(g); // import("#db/client").Db' },
      ],
    },
    "no require() in layers": {
      bad: [{ "lib/client/a.ts": 'const db = require("#db/client");' }, { "e2e/a.spec.ts": "require (x)" }],
      good: [
        { "lib/client/a.ts": 'require.resolve("x"); x.require("y"); // require("z")' },
        { "lib/client/a.ts": "const script = `require('x')`;" },
      ],
    },
    "the browser never reaches the server": {
      bad: [
        {
          "package.json": manifest,
          "components/a.tsx": 'import { b } from "#lib/contracts/b";',
          "lib/contracts/b.ts": 'export * from "../domain/c.ts";',
          "lib/domain/c.ts": 'const x = await import("#lib/services/d");',
          "lib/services/d.ts": "",
        },
        {
          "package.json": manifest,
          "app/panel.tsx": '"use client";\nimport type { B } from "./b";',
          "app/b.ts": 'import "#db/client";',
          "db/client.ts": "",
        },
        {
          "package.json": manifest,
          "lib/client/a.ts": 'let x: import("#lib/contracts/b").B;',
          "lib/contracts/b.ts": 'require("#lib/server/env");',
          "lib/server/env.ts": "",
        },
      ],
      good: [
        {
          "package.json": manifest,
          "components/a.tsx": 'import { b } from "#lib/contracts/b"; // import "#db/client"',
          "lib/contracts/b.ts": 'import "#lib/domain/c";',
          "lib/domain/c.ts": "",
          "db/client.ts": 'import "#lib/domain/c";',
        },
      ],
    },
    "exact versions": {
      bad: [
        { "package.json": '{"dependencies":{"next":"^16.4.6"}}' },
        { "package.json": '{"devDependencies":{"vitest":"latest"}}' },
        { "package.json": '{"optionalDependencies":{"x":"git+ssh://x"}}' },
      ],
      good: [{ "package.json": '{"dependencies":{"next":"16.4.6","pg":"18.4.0-beta.17"}}' }],
    },
    "next-auth is at least 4.24.15": {
      bad: [
        { "package-lock.json": lock({ "node_modules/next-auth": { version: "4.24.14" } }) },
        { "package-lock.json": lock({}) },
      ],
      good: [
        { "package-lock.json": lock({ "node_modules/next-auth": { version: "4.24.15" } }) },
        { "package-lock.json": lock({ "node_modules/next-auth": { version: "4.25.0" } }) },
      ],
    },
    "the lockfile names no private registry": {
      bad: [{ "package-lock.json": lock({ x: { resolved: "https://mirror.example/x.tgz" } }) }],
      good: [{ "package-lock.json": lock({ x: {}, y: { resolved: "https://registry.npmjs.org/y.tgz" } }) }],
    },
    "decisions are numbered without gaps": {
      bad: [
        { "docs/adr/0001-a.md": "Status: accepted", "docs/adr/0003-b.md": "Status: accepted" },
        { "docs/adr/0001-a.md": "Status: accepted", "docs/adr/0001-b.md": "Status: accepted" },
        { "docs/adr/1-a.md": "Status: accepted" },
        { "docs/adr/0001-a.md": "no state" },
      ],
      good: [{ "docs/adr/0001-a.md": "Status: accepted", "docs/adr/0002-b.md": "Status: superseded by 3" }],
    },
    "every folder of lib has its boundary": {
      bad: [{ "lib/extra/a.ts": "", "biome.json": '"lib/domain/**"' }],
      good: [{ "lib/domain/a.ts": "", "biome.json": '"lib/domain/**"' }],
    },
    "every problem has its page": {
      bad: [{ "lib/domain/problems.ts": '  "node/gone": { status: 410 },' }],
      good: [
        { "lib/domain/problems.ts": '  "node/gone": { status: 410 },', "docs/problems/node/gone.md": "" },
      ],
    },
    "every problem page has its problem": {
      bad: [{ "lib/domain/problems.ts": "", "docs/problems/node/gone.md": "" }],
      good: [
        { "lib/domain/problems.ts": '  "node/gone": { status: 410 },', "docs/problems/node/gone.md": "" },
      ],
    },
    "every source has its guide": {
      bad: [
        { "lib/sources/ear/index.ts": 'guide: "connect-ear"' },
        { "lib/sources/ear/index.ts": "export const ear = {};" },
      ],
      good: [{ "lib/sources/ear/index.ts": 'guide: "connect-ear"', "docs/guide/connect-ear.md": "" }],
    },
    "the proxy leaves the API alone": {
      bad: [
        { "proxy.ts": "export function proxy() {}" },
        { "proxy.ts": 'export const config = { matcher: "/:path*" };' },
        { "proxy.ts": 'export const config = { matcher: ["/nodes", "/((?!_next).*)"] };' },
        { "proxy.ts": 'export const config = { matcher: [{ source: "/api/:path*" }] };' },
        { "proxy.ts": "export const config = { matcher };\nconst matcher = [x];" },
      ],
      good: [
        { "proxy.ts": 'export const config = { matcher: ["/((?!api|_next/static|favicon.ico).*)"] };' },
        { "proxy.ts": 'export const config = {\n  matcher: [\n    { source: "/nodes/:path*" },\n  ],\n};' },
      ],
    },
    "one way out": {
      bad: [
        { "lib/sources/ear/keys.ts": 'const keys = await fetch("https://x");' },
        { "lib/jobs/a.ts": 'import { request } from "node:https";' },
        { "lib/jobs/a.ts": 'import { createServer, request as ask } from "node:http";' },
        { "lib/server/a.ts": 'import http from "http";' },
        { "lib/server/a.ts": 'import * as net from "node:net";' },
        { "cli/a.ts": 'const { connect } = await import("node:tls");' },
        { "lib/server/a.ts": 'import { createRemoteJWKSet } from "jose";' },
        { "components/a.tsx": 'new WebSocket("wss://x")' },
        { "lib/server/a.ts": 'import { Client } from "@grpc/grpc-js";' },
        { "server.ts": "await globalThis.fetch(x)" },
      ],
      good: [
        { "server.ts": 'import { createServer, type IncomingMessage } from "node:http";' },
        { "lib/outbound/client.ts": 'import { request } from "node:http";' },
        { "tests/a.ts": "await fetch(x)" },
        { "lib/server/a.ts": "// fetch(x)\nroute.fetch(x); prefetch(x); import type net from 'node:net'" },
        { "lib/client/api.ts": "await fetch(x)" },
      ],
    },
    "the words of the glossary": {
      bad: [{ "docs/glossary.md": "| node | … (not: asset, host) |", "docs/guide/a.md": "Add the hosts." }],
      good: [
        { "docs/glossary.md": "| node | … (not: asset, host) |", "docs/guide/a.md": "Add the nodes." },
        { "docs/guide/a.md": "no glossary yet" },
      ],
    },
  };
