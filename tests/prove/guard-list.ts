/** Every guard by its text, what stands there once it is gone, and the test that claims to notice. */
import type { Guard } from "./guard.ts";
import { CONFIRMATION_GUARDS } from "./guard-list-confirmation.ts";
import { DRILL_GUARDS } from "./guard-list-drills.ts";
import { FRAMEWORK_GUARDS } from "./guard-list-frameworks.ts";
import { REMEDIATION_GUARDS } from "./guard-list-remediation.ts";
import { REVIEW_GUARDS } from "./guard-list-review.ts";

const inFile = (
  file: string,
  test: string,
  guards: Readonly<Record<string, readonly [guard: string, without: string]>>,
): Guard[] =>
  Object.entries(guards).map(([name, [guard, without]]) => ({ name, file, guard, without, test }));

const MATRIX = "tests/routes/matrix.db.test.ts";
const ROUTE = "lib/server/http/route.db.test.ts";
const COMMAND = "lib/services/command.db.test.ts";
const OUTBOUND = "lib/outbound/outbound.test.ts";
const CONNECTOR = "lib/services/connector/connector.db.test.ts";
const OPENED = "lib/services/connector/open.db.test.ts";
const COMPLIANCE = "lib/services/compliance/compliance.db.test.ts";
const REPORT = "lib/services/report/report.db.test.ts";
const SCHEDULE = "lib/services/report-schedule/report-schedule.db.test.ts";

export const GUARDS: readonly Guard[] = [
  ...inFile("lib/server/http/route.ts", MATRIX, {
    "a role must hold the route's permission": [
      'if (!can(actor, permission)) throw new ProblemError("auth/forbidden", "Your role does not allow this.");',
      "",
    ],
    "a caller must be known": [
      'if (!caller) throw new ProblemError("auth/required", "Sign in, or send an API key as a bearer token.");',
      "if (!caller) return { ...base, db: database(), actor: ANONYMOUS };",
    ],
    "dangerous verbs want a fresh proof": ["if (spec.stepUp) requireFresh(actor, base.now());", ""],
    "changes come from our own pages": [
      'if (mutates && actor.kind === "user") guardMutation(request);',
      'if (mutates && actor.kind === "user") requireJson(request);',
    ],
    "answers are not kept": [
      'response.headers.set("cache-control", "private, no-store")',
      'response.headers.set("cache-control", "private")',
    ],
    "types are not guessed": ['response.headers.set("x-content-type-options", "nosniff");', ""],
  }),
  ...inFile("lib/server/http/route.ts", ROUTE, {
    "a one-time password opens the account only": [
      'if (actor.kind === "user" && actor.mustChangePassword && permission !== "account:own") {',
      "if (false as boolean) {",
    ],
    "nothing leaves that the contract does not name": ["return output.parse(answer);", "return answer;"],
    "a parameter is given once": ["more.length > 0 ? [first, ...more] : first", "first"],
    "requests are counted": ["await countPrincipal(caller, mutates)", "null"],
    "what is seen without the right is forbidden, not missing": [
      "if (wider === ctx.actor) throw error;",
      "if (wider) throw error;",
    ],
    "the database is that of the caller's domains": ["databaseOf(actor.trustDomainIds)", "database()"],
  }),
  ...inFile("lib/server/http/origin.ts", MATRIX, {
    "an origin is sent": ["!origin || !ours.has(origin)", "(origin && !ours.has(origin))"],
    "the origin is ours": ["!origin || !ours.has(origin)", "!origin"],
    "the browser says that it is the same origin": ['(site !== null && site !== "same-origin")', "false"],
    "changes are JSON": [
      'if (mediaType !== "application/json" && request.method !== "DELETE") {',
      "if (false as boolean) {",
    ],
  }),
  ...inFile("lib/server/http/fresh.ts", MATRIX, {
    "a proof grows old": ["if (isFresh(actor, now.getTime())) return;", "if (actor) return;"],
  }),
  ...inFile("lib/server/http/body.ts", ROUTE, {
    "a body is capped while it is read": [
      "size += chunk.byteLength;\n    if (size > maxBytes) throw tooLarge(maxBytes);",
      "size += chunk.byteLength;",
    ],
  }),
  ...inFile("lib/server/http/plain.ts", "lib/server/http/plain.test.ts", {
    "only our own names are answered": ["!hosts.has(host)", "false"],
    "an absolute address is refused": ['!request.url?.startsWith("/")', "false"],
    "the host is named once": ["named.length !== 1", "false"],
  }),
  ...inFile("lib/server/scope.ts", ROUTE, {
    "a chosen domain is one that is seen": ["|| !actor.trustDomainIds.includes(id)", ""],
  }),
  ...inFile("lib/services/command.ts", COMMAND, {
    "a command checks the role": [
      "if (!can(ctx.actor, spec.permission)) {",
      "if (!can(ctx.actor, spec.permission) && (false as boolean)) {",
    ],
    "a change has its entry": [
      'await auditInsert(tx, {\n            ...entryBase(ctx, spec.name),\n            ...audit,\n            outcome: "done",\n            problemCode: null,\n          });',
      "void audit;",
    ],
    "a refusal has its entry": [
      "if (error instanceof ProblemError) await auditRefusal(ctx, spec.name, entityId, error.code);",
      "",
    ],
  }),
  ...inFile("lib/services/command.ts", COMMAND, {
    "a command acts where the permission is held": [
      "actor: narrowed(ctx.actor, spec.permission) }",
      "actor: ctx.actor }",
    ],
  }),
  ...inFile("lib/services/guard.ts", ROUTE, {
    "a read sees where the permission is held": [
      "narrowed(actor, permission).trustDomainIds",
      "actor.trustDomainIds",
    ],
  }),
  ...inFile("lib/services/guard.ts", "lib/services/access/access.db.test.ts", {
    "a read checks the role": [
      'if (!can(actor, permission)) throw new ProblemError("auth/forbidden", "Your role does not allow this.");',
      "",
    ],
  }),
  ...inFile("lib/domain/admission.ts", "lib/domain/admission.test.ts", {
    "old knowledge is no permission where the rule is closed": [
      "if (ageMs <= maxStateAgeMs) return [];",
      "return [];",
    ],
    "a claim that names two nodes is denied": [
      '{ code: "identity_conflict", answer: "deny",',
      '{ code: "identity_conflict", answer: unknown,',
    ],
    "evidence grows too old": ["if (ageMs <= maxEvidenceAgeMs) return [];", "return [];"],
    "an identity alarm denies where trust is asked": [
      'kind !== "weak_id_conflict" && require === "trusted" ? "deny" : "warn"',
      '"warn"',
    ],
  }),
  ...inFile("lib/server/admission/mirror.ts", "lib/server/admission/mirror.test.ts", {
    "nobody is told about another domain's node by its id": [
      "node && domains.has(node.trustDomainId) ? of(node) : UNKNOWN",
      "node ? of(node) : UNKNOWN",
    ],
    "nobody is told about another domain's node by its names": [
      "node && domains.has(node.trustDomainId) ? [node] : []",
      "node ? [node] : []",
    ],
    "no machine enters under another one's name": [
      "return contradicts(namesake, strong) ?? of(namesake);",
      "return of(namesake);",
    ],
  }),
  ...inFile("lib/server/admission/callers.ts", "lib/server/admission/callers.test.ts", {
    "a caller that was taken away is waited for": [
      "if (ageMs < WAIT_AFTER_MS) {",
      "if (ageMs < OUTAGE_MS) {",
    ],
    "an unknown time is no licence": ["if (ageMs < OUTAGE_MS) return entry.found;", "return entry.found;"],
  }),
  ...inFile("lib/server/admission/handler.ts", "lib/server/admission/admission.db.test.ts", {
    "admission is asked by who may ask": [
      'if (!can(caller, "admission:ask"))\n    throw new ProblemError("auth/forbidden", "Your role does not allow this.");',
      "",
    ],
    "admission is asked in domains that are seen": [
      "(more.length > 0 || !actor.trustDomainIds.includes(one))",
      "more.length > 0",
    ],
  }),
  ...inFile("lib/services/admission/set-rule.ts", "lib/services/admission/rules.db.test.ts", {
    "an admission rule is not overwritten unseen": ["if (held !== seen)", "if (false as boolean)"],
  }),
  ...inFile("lib/domain/change-request.ts", "lib/domain/change-request.test.ts", {
    "nobody decides what they proposed": [
      'if (voter.person === request.proposer) return { ok: false, refusal: "own-request" };',
      "",
    ],
    "a lost role decides nothing": ['if (!voter.mayDecide) return { ok: false, refusal: "role-lost" };', ""],
    "the plan is the one that was seen": ["plans.seen === request.planHash && ", ""],
    "the plan is the one that would be done": [" && plans.current === request.planHash", ""],
    "a request expires": ['if (nowMs >= request.expiresAtMs) return { ok: false, refusal: "expired" };', ""],
    "a request is decided once": [
      'if (request.state !== "pending") return { ok: false, refusal: "already-decided" };',
      "",
    ],
    "two addresses of one mailbox are one person": [
      'address.slice(0, at).split("+")',
      "[address.slice(0, at)]",
    ],
  }),
  ...inFile("lib/domain/access.ts", "lib/domain/access.test.ts", {
    "a proof counts for minutes": ["ageMs >= 0 && ageMs <= STEP_UP_MS", "ageMs >= 0"],
    "a proof is not of the future": ["ageMs >= 0 && ageMs <= STEP_UP_MS", "ageMs <= STEP_UP_MS"],
  }),
  ...inFile("db/queries/session.ts", "lib/services/user/sign-in.db.test.ts", {
    "an ended session is over": [
      "        isNull(session.revokedAt),\n        gt(session.expiresAt, now),",
      "        gt(session.expiresAt, now),",
    ],
    "a session ends after twelve hours": [
      "        gt(session.expiresAt, now),\n        gt(session.lastSeenAt, idleSince),",
      "        gt(session.lastSeenAt, idleSince),",
    ],
    "an idle session ends": ["        gt(session.lastSeenAt, idleSince),\n", ""],
    "who is disabled has no session": [
      "        gt(session.lastSeenAt, idleSince),\n        isNull(appUser.disabledAt),",
      "        gt(session.lastSeenAt, idleSince),",
    ],
  }),
  ...inFile("db/queries/user.ts", "lib/services/user/sign-in.db.test.ts", {
    "guesses lock the account": [`AND (locked_until IS NULL OR locked_until <= \${instant(now)})`, ""],
  }),
  ...inFile("lib/server/api-key.ts", "lib/services/source/source.db.test.ts", {
    "a key that was taken back opens nothing": ["|| row.revokedAt ", ""],
    "a key expires": ["if (!entry || entry.expiresAtMs <= nowMs) {", "if (!entry) {"],
    "a disabled source sends nothing": [" || row.sourceDisabledAt", ""],
  }),
  ...inFile("db/scoped.ts", "db/row-security.db.test.ts", {
    "a request takes the role without rights": [`SET LOCAL ROLE \${APP_ROLE}; `, ""],
  }),
  ...inFile("db/migrations/0020_row_security.sql", "db/row-security.db.test.ts", {
    "every tenant's table has a policy": [
      "EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', tenant);",
      "",
    ],
    "nobody who serves requests rewrites the record": [
      "REVOKE UPDATE, DELETE ON audit_entry, audit_pending FROM touchstone_app;",
      "",
    ],
  }),
  ...inFile("db/sealing.ts", "db/sealing.test.ts", {
    "a secret opens in its place only": [
      "decipher.setAAD(aadOf(version, place));",
      "decipher.setAAD(aadOf(version, place).subarray(0, 0));",
    ],
  }),
  ...inFile("lib/domain/neutral-cell.ts", "lib/domain/neutral-cell.test.ts", {
    "a cell begins no formula": [`FORMULA.test(text) ? \`'\${text}\` : text`, "text"],
    "a cell stays a cell": [".replaceAll('\"', '\"\"')", ""],
  }),
  ...inFile("lib/ingest/limits.ts", "lib/ingest/refusing.db.test.ts", {
    "what is sent is capped": ["if (size > limit) throw tooLarge(limit, what);", ""],
  }),
  ...inFile("lib/services/compliance/period.ts", COMPLIANCE, {
    "only labels choose which nodes count": [
      "if (words.length > 0 || statuses || lifecycle || sources || coverage) {",
      "if (false as boolean) {",
    ],
  }),
  ...inFile("lib/services/compliance/add-note.ts", COMPLIANCE, {
    "a note about a control ends within a year": [
      "if (expiresAt.getTime() - at.getTime() > NOTE_MAX_MS) {",
      "if (false as boolean) {",
    ],
    "a note about a control ends in the future": [
      "if (expiresAt <= at) throw",
      "if (false as boolean) throw",
    ],
  }),
  ...inFile("db/queries/report.ts", REPORT, {
    "who reads a report may read in each of its domains": ["<@", "&&"],
  }),
  ...inFile("lib/services/report/download.ts", REPORT, {
    "nothing of a report is handed out before all is written": [
      "isReady(row.state) ? await reportFileList(ctx.db, row) : []",
      "await reportFileList(ctx.db, row)",
    ],
  }),
  ...inFile("lib/services/report/ask.ts", REPORT, {
    "few reports are under way at a time": [">= UNDER_WAY_MAX", ">= UNDER_WAY_MAX * 9"],
  }),
  ...inFile("lib/services/report-schedule/make.ts", SCHEDULE, {
    "who has reports made is still allowed to make them": [
      "if (!holder.holds) return",
      "if (false as boolean) return",
    ],
  }),
  ...inFile("lib/services/report-schedule/schedule.ts", SCHEDULE, {
    "a schedule is changed by its owner or who manages compliance": [
      "if (!mayChange(actor, row))",
      "if (false as boolean)",
    ],
  }),
  ...inFile("lib/services/report-schedule/tell.ts", SCHEDULE, {
    "who may not read a report is not told of it": ["holder?.holds ?? false", "true"],
  }),
  ...inFile("lib/services/report-schedule/recipients.ts", SCHEDULE, {
    "who may not read is no recipient": ["if (!holder?.holds) continue;", ""],
  }),
  ...inFile("lib/outbound/address.ts", OUTBOUND, {
    "metadata is no name's business": [" && !METADATA.has(parsed.toString())", ""],
    "metadata is not public": ["METADATA.has(parsed.toString()) || parsed.range()", "parsed.range()"],
    "only what is given out is public": ["parsed.match(...GLOBAL_V6) && ", ""],
    "no name stands for this link": ["!NEVER_BY_NAME.has(parsed.range()) && ", ""],
  }),
  ...inFile("lib/outbound/judge.ts", OUTBOUND, {
    "every address of a name is judged": [
      "!addresses.every(({ address }) => isPublicAddress",
      "!addresses.some(({ address }) => isPublicAddress",
    ],
  }),
  ...inFile("lib/outbound/client.ts", OUTBOUND, {
    "what was judged is connected to": ["lookup: pinned(addresses),", ""],
    "redirects are not followed": ["if (status >= 300 && status < 400) {", "if (false as boolean) {"],
    "nothing leaves in the clear": ['if (!opened && url.protocol !== "https:")', "if (false as boolean)"],
  }),
  ...inFile("lib/outbound/rpc.ts", "lib/outbound/rpc.test.ts", {
    "sockets are opened by their path alone": [
      "if (allowed.sockets.has(socket)) return",
      'if (socket !== "") return',
    ],
    "a server is judged by its certificate": ["if (isServer(raw)) return undefined;", "return undefined;"],
  }),
  ...inFile("lib/outbound/agent.ts", OUTBOUND, {
    "agents connect to what was judged": [
      "judge(host, allowed, lookup).then(",
      "judge(host, { ...allowed, hosts: new Set([host]) }, lookup).then(",
    ],
  }),
  ...FRAMEWORK_GUARDS,
  ...REMEDIATION_GUARDS,
  ...DRILL_GUARDS,
  ...CONFIRMATION_GUARDS,
  ...REVIEW_GUARDS,
  ...inFile("lib/connectors/contract.ts", "lib/connectors/contract.test.ts", {
    "previews cannot write": ['if (init.method === "GET" || isRehearsal(init)) return', "return"],
    "previews only read over gRPC, too": [
      "return reads.includes(call.method) ? ctx.rpc(call, signal) : refuse(call.method);",
      "return ctx.rpc(call, signal);",
    ],
    "previews remember nothing": ["put: async () => {}", "put: ctx.memory.put"],
  }),
  ...inFile("lib/server/admission/step-ca.ts", "lib/server/admission/admission.db.test.ts", {
    "step-ca signs what it asks": [
      'if (!verifySmallstep(bytes, given, [{ kid: "webhook", key }]).ok) throw refusal();',
      "",
    ],
    "a question of step-ca grows old": [
      "if (Math.abs(nowMs - Date.parse(request.timestamp)) > WEBHOOK_TOLERANCE_MS) throw refusal();",
      "",
    ],
    "a step-ca is asked for by who sees its domain": [
      "if (!webhook || !actor.trustDomainIds.includes(webhook.trustDomainId))",
      "if (!webhook)",
    ],
  }),
  ...inFile("lib/services/execution/own-step.ts", "lib/services/execution/execution.db.test.ts", {
    "a ban is read back": [' || one.effect === "identity_invalid"', ""],
  }),
  ...inFile("lib/connectors/shared/verbs.ts", "lib/connectors/kubernetes/taint.test.ts", {
    "a name that was given to something else is not acted on": [
      "if (target.uid === null || target.uid.toLowerCase() === uid.toLowerCase()) return;",
      "if (target) return;",
    ],
  }),
  ...inFile("lib/connectors/awx/index.ts", "lib/connectors/awx/awx.test.ts", {
    "a template must prompt for the limit": ["requireChecks(await checksOf(call, template, target));", ""],
    "what AWX ignores ends the job": ["if (ignored.length > 0) {", "if (false as boolean) {"],
    "a limit is no pattern": ["return isPlainHost(ref) ?", "return ref ?"],
  }),
  ...inFile("lib/connectors/cluster-api/remediate.ts", "lib/connectors/cluster-api/cluster-api.test.ts", {
    "a machine is replaced once": [
      "await ctx.memory.put(memoryName(key), { uid: machine.metadata.uid });",
      "",
    ],
  }),
  ...inFile("lib/connectors/webhook/signature.ts", "lib/connectors/webhook/webhook.test.ts", {
    "signatures grow old": [
      "if (Math.abs(nowMs / 1_000 - Number(headers.timestamp)) > TOLERANCE_SECONDS) return false;",
      "",
    ],
  }),
  ...inFile("lib/connectors/webhook/index.ts", CONNECTOR, {
    "reports are signed": [
      "if (!verifyWebhook(ctx.secrets.callback, signed, body, ctx.nowMs))",
      "if (false as boolean)",
    ],
    "the first final report stays": [
      'if (before.state === "done" || before.state === "failed") {',
      "if (false as boolean) {",
    ],
  }),
  ...inFile("lib/services/connector/without-secrets.ts", "lib/services/connector/without-secrets.test.ts", {
    "secrets that are echoed are cut out": ["rest.replaceAll(secret, MARK)", "rest"],
  }),
  ...inFile("lib/services/connector/change.ts", CONNECTOR, {
    "secrets are not shown to another system": [
      "if (secrets === undefined) refuseOtherSystem(kind, row, settings);",
      "",
    ],
  }),
  ...inFile("lib/services/connector/set-disabled.ts", CONNECTOR, {
    "a connector outlives its steps": ["if (open > 0)", "if (false as boolean)"],
  }),
  ...inFile("lib/services/connector/test.ts", CONNECTOR, {
    "a test is of the settings that stand": [
      "if (seen?.changedAt !== row.changedAt.getTime())",
      "if (!seen)",
    ],
  }),
  ...inFile("lib/services/connector/open.ts", OPENED, {
    "a disabled connector is not called": [
      "if (row.disabledAt !== null) throw",
      "if (false as boolean) throw",
    ],
    "a selector narrows a connector": [
      "if (!selectorMatches(row.selector, asSelected(node))) return [];",
      "",
    ],
  }),
  ...inFile("lib/services/connector/tools.ts", OPENED, {
    "secrets are sealed for one connector": ["sourceId: id,", 'sourceId: "any",'],
  }),
];
