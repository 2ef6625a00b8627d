/**
 * The catalogue of problems that the API can answer with (RFC 9457).
 *
 * `type` of a problem is `/problems/<code>`; each code has a page in `docs/problems/`.
 */
export const PROBLEMS = {
  "request/malformed": { status: 400, title: "The request could not be read" },
  "request/invalid": { status: 422, title: "The request does not match the schema" },
  "request/too-large": { status: 413, title: "The request body is too large" },
  "request/unsupported-media-type": { status: 415, title: "The content type is not supported" },
  "request/foreign-origin": { status: 403, title: "The request came from another site" },
  "request/method-not-allowed": { status: 405, title: "The method is not allowed here" },
  "request/in-progress": { status: 409, title: "The same request is being carried out" },
  "request/key-reused": { status: 422, title: "The idempotency key was used for another request" },
  "request/misdirected": { status: 421, title: "The request names another server" },
  "auth/required": { status: 401, title: "Sign in or send an API key" },
  "auth/outside-review": { status: 403, title: "This is not part of your review" },
  "auth/forbidden": { status: 403, title: "Your role does not allow this" },
  "auth/locked": { status: 429, title: "Too many failed sign-ins" },
  "auth/step-up-required": { status: 403, title: "Prove once more who you are" },
  "auth/code-required": { status: 403, title: "The second factor is missing or wrong" },
  "auth/password-change-required": { status: 403, title: "Change the one-time password first" },
  "event/malformed": { status: 400, title: "The event could not be read" },
  "event/invalid": { status: 422, title: "The event does not match its schema" },
  "event/unsupported-type": { status: 422, title: "No source understands this event type" },
  "event/algorithm": { status: 422, title: "The signature algorithm is not the registered one" },
  "event/key": { status: 422, title: "No key is registered for this signature" },
  "event/key-retired": { status: 422, title: "The key was retired before this was signed" },
  "event/signature": { status: 422, title: "The signature does not verify" },
  "event/claims": { status: 422, title: "The signed claims are incomplete or unknown" },
  "event/expired": { status: 422, title: "The event lies outside the accepted time window" },
  "event/before-retention": { status: 422, title: "The event is older than the history that is kept" },
  "event/future": { status: 422, title: "The event is dated in the future" },
  "event/replay": { status: 409, title: "The event was already used for another node" },
  "event/unknown-node": { status: 422, title: "The event does not say which node it is about" },
  "event/too-large": { status: 413, title: "The event is too large" },
  "event/identity-conflict": { status: 409, title: "The identities belong to different nodes" },
  "event/identity-changed": { status: 409, title: "The node has another identity than the event says" },
  "batch/too-many": { status: 413, title: "The batch holds too many events" },
  "node/not-found": { status: 404, title: "No such node" },
  "identity-alarm/not-found": { status: 404, title: "No such identity alarm" },
  "enrolment/not-found": { status: 404, title: "No such enrolment" },
  "enrolment/unchanged": { status: 409, title: "The decision does not fit the enrolment" },
  "event-link/not-found": { status: 404, title: "No such link of bootstrap events" },
  "event-link/no-events": { status: 409, title: "There is nothing to link" },
  "expected-node/not-found": { status: 404, title: "No such expected node" },
  "lifecycle/refused": { status: 409, title: "The life cycle does not allow this" },
  "source/not-found": { status: 404, title: "No such source" },
  "source/name-taken": { status: 409, title: "A source with this name exists" },
  "source/key-not-found": { status: 404, title: "The source has no such key" },
  "source/wrong-key": { status: 403, title: "The API key belongs to another source" },
  "key/not-found": { status: 404, title: "No such signing key" },
  "key/taken": { status: 409, title: "The source has this key already" },
  "key/wrong-state": { status: 409, title: "The key is not in the state for this step" },
  "key/last-active": { status: 409, title: "No other key is active" },
  "key/too-many": { status: 409, title: "The source has too many live keys" },
  "sink/not-found": { status: 404, title: "No such sink" },
  "sink/name-taken": { status: 409, title: "A sink with this name exists" },
  "sink/too-many": { status: 409, title: "There are too many sinks" },
  "baseline/not-found": { status: 404, title: "No such baseline" },
  "baseline/version-not-found": { status: 404, title: "The baseline has no such version" },
  "baseline/name-taken": { status: 409, title: "A baseline with this name exists" },
  "baseline/wrong-state": { status: 409, title: "The version is not in the state for this step" },
  "baseline/tampered": { status: 409, title: "The stored version is not what was signed" },
  "evidence/not-found": { status: 404, title: "No such evidence" },
  "evidence/no-event-log": { status: 404, title: "The evidence carries no event log" },
  "evidence/event-log": { status: 422, title: "The event log cannot be read" },
  "change/not-found": { status: 404, title: "No such change request" },
  "change/decided": { status: 409, title: "The change request is decided already" },
  "change/expired": { status: 409, title: "The change request has expired" },
  "change/own-request": { status: 403, title: "Nobody decides their own change request" },
  "change/plan-changed": { status: 409, title: "The plan is not the one that was proposed" },
  "change/not-yours": { status: 403, title: "Only who proposed it may cancel it" },
  "remediation/not-found": { status: 404, title: "No such remediation request" },
  "remediation/not-possible": { status: 409, title: "This cannot be done to these nodes now" },
  "remediation/not-sacrificial": { status: 409, title: "No recipe is drilled on this node" },
  "remediation/selection-moved": { status: 409, title: "The selection is not what was seen" },
  "remediation/plan-changed": { status: 409, title: "The plan is not the one that was seen" },
  "remediation/automatic-moved": { status: 409, title: "The setting is not the one that was seen" },
  "remediation/limits-moved": { status: 409, title: "Somebody else changed the limits" },
  "remediation/limits-unchanged": { status: 409, title: "These are the limits already" },
  "remediation/wrong-state": { status: 409, title: "The request is not in the state for this step" },
  "remediation/expired": { status: 409, title: "The request has expired" },
  "remediation/voted": { status: 409, title: "This person has voted already" },
  "remediation/own-request": { status: 403, title: "Nobody decides their own request" },
  "remediation/excluded": {
    status: 403,
    title: "Authors of a baseline do not decide on what it vouches for",
  },
  "remediation/not-asked": { status: 403, title: "Your say is not asked for" },
  "remediation/not-yours": { status: 403, title: "Only who asked for it may cancel it" },
  "remediation/paused": { status: 409, title: "Remediation is held back" },
  "remediation/reviewed": { status: 409, title: "The review is done already" },
  "remediation/pause-not-found": { status: 404, title: "No such pause" },
  "remediation/pause-over": { status: 409, title: "The pause is over" },
  "policy/not-found": { status: 404, title: "No such policy or version" },
  "policy/invalid": { status: 422, title: "The policy does not check" },
  "policy/built-in": { status: 409, title: "The built-in policy cannot be changed" },
  "policy/unchanged": { status: 409, title: "The policy is in that state already" },
  "policy-exception/not-found": { status: 404, title: "No such exception in force" },
  "drift/not-found": { status: 404, title: "No such drift group" },
  "drift/decided": { status: 409, title: "Somebody else decided first" },
  "drift/selection-moved": { status: 409, title: "The selection is not what was seen" },
  "drift/too-broad": { status: 409, title: "The exception reaches too far" },
  "drift/no-baseline": { status: 409, title: "The baseline takes no new draft" },
  "connector/not-found": { status: 404, title: "No such connector" },
  "connector/name-taken": { status: 409, title: "A connector with this name exists" },
  "connector/secrets-wanted": { status: 422, title: "The connector's secrets have to be given again" },
  "connector/changed": { status: 409, title: "The connector was changed meanwhile" },
  "connector/in-use": { status: 409, title: "Steps of executions wait for the connector" },
  "connector/report-refused": { status: 401, title: "The report is not signed as agreed" },
  "connector/report-unknown": { status: 404, title: "Nothing was asked for under this id" },
  "connector/report-over": { status: 409, title: "It was reported otherwise before" },
  "exception/not-found": { status: 404, title: "No such exception" },
  "exception/over": { status: 409, title: "The exception is over already" },
  "window/not-found": { status: 404, title: "No such maintenance window" },
  "window/over": { status: 409, title: "The maintenance window is over" },
  "window/too-broad": { status: 409, title: "The maintenance window would allow what looks like an attack" },
  "window/too-many": { status: 409, title: "Too many maintenance windows are planned" },
  "drift-setting/moved": { status: 409, title: "Somebody else changed the drift settings" },
  "drift-setting/unchanged": { status: 409, title: "These are the drift settings already" },
  "admission/moved": { status: 409, title: "Somebody else changed the admission rule" },
  "admission/unchanged": { status: 409, title: "This is the admission rule already" },
  "incident/not-found": { status: 404, title: "No such incident" },
  "incident/resolved": { status: 409, title: "The incident is resolved already" },
  "audit/not-found": { status: 404, title: "No such audit entry" },
  "user/not-found": { status: 404, title: "No such user" },
  "user/no-role": { status: 403, title: "No group of the identity provider gives a role here" },
  "user/last-admin": { status: 409, title: "Nobody else administers this trust domain" },
  "user/review-alone": { status: 409, title: "A review stands beside no other role" },
  "user/grant-not-found": { status: 404, title: "No such role of this person" },
  "user/confirm-own": { status: 403, title: "Nobody confirms a role of their own" },
  "user/grant-follows-groups": { status: 409, title: "The role follows a group of the identity provider" },
  "service-account/not-found": { status: 404, title: "No such service account, key or trust" },
  "service-account/name-taken": { status: 409, title: "A service account with this name exists" },
  "service-account/beyond-maker": { status: 403, title: "Nobody passes on more than they hold" },
  "service-account/too-many": { status: 409, title: "The service account has too many of these" },
  "service-account/key-over": { status: 409, title: "The key has ended or was replaced" },
  "service-account/unknown-issuer": { status: 422, title: "The installation does not accept this issuer" },
  "notification/not-found": { status: 404, title: "No such notification, message or channel" },
  "notification/over": { status: 409, title: "The notification is not open any more" },
  "notification/not-over": { status: 409, title: "The message is still on its way" },
  "notification/name-taken": { status: 409, title: "A channel with this name exists" },
  "notification/routes-changed": { status: 409, title: "Somebody else has changed the routes" },
  "session/not-found": { status: 404, title: "No such session" },
  "second-factor/wrong-state": { status: 409, title: "The second factor is not in the state for this step" },
  "group-role/not-found": { status: 404, title: "No such rule for a group" },
  "group-role/exists": { status: 409, title: "The rule for this group exists" },
  "domain/not-found": { status: 404, title: "No such trust domain" },
  "domain/name-taken": { status: 409, title: "A trust domain with this name exists" },
  "user/email-taken": { status: 409, title: "A user with this e-mail exists" },
  "user/wrong-password": { status: 403, title: "The password is not right" },
  "compliance/unknown-measure": { status: 404, title: "No such measure" },
  "compliance/unknown-framework": { status: 404, title: "No such framework" },
  "compliance/unknown-control": { status: 404, title: "The framework has no such control" },
  "compliance/framework-changed": { status: 409, title: "Somebody else has imported the framework" },
  "compliance/framework-retired": { status: 409, title: "The framework is retired" },
  "compliance/too-many-frameworks": { status: 409, title: "There are too many imported frameworks" },
  "compliance/not-mapped": { status: 409, title: "The control is not mapped" },
  "compliance/note-not-found": { status: 404, title: "No such note about a control" },
  "compliance/note-over": { status: 409, title: "The note has ended already" },
  "report/not-found": { status: 404, title: "No such report" },
  "report/no-file": { status: 404, title: "The report has no such file" },
  "report/over": { status: 409, title: "The report is finished already" },
  "report/too-large": { status: 409, title: "The report is too large for this" },
  "report/too-many": { status: 409, title: "Too many reports are under way" },
  "report-schedule/not-found": { status: 404, title: "No such schedule of reports" },
  "report-schedule/name-taken": { status: 409, title: "A schedule with this name exists" },
  "report-schedule/too-many": { status: 409, title: "There are too many schedules of reports" },
  "report-schedule/changed": { status: 409, title: "Somebody else has changed the schedule" },
  "route/not-found": { status: 404, title: "Nothing is here" },
  "rate/limited": { status: 429, title: "Too many requests" },
  "server/unavailable": { status: 503, title: "The service cannot answer right now" },
  "server/error": { status: 500, title: "Something went wrong on our side" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One finding inside a request: where (RFC 6901 pointer as a URI fragment) and what. */
export type ProblemPointer = { pointer: string; detail: string };

/**
 * A refusal that the caller may see.
 *
 * `detail` is public by construction: never put internals there. `cause` is only logged.
 */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly pointers: readonly ProblemPointer[];

  constructor(
    code: ProblemCode,
    detail: string,
    options: { cause?: unknown; pointers?: readonly ProblemPointer[] } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "ProblemError";
    this.code = code;
    this.pointers = options.pointers ?? [];
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }
}

/** The members of a problem+json document, without the request's own id. */
export function problemBody(error: ProblemError): {
  type: string;
  title: string;
  status: number;
  code: ProblemCode;
  detail: string;
  errors?: readonly ProblemPointer[];
} {
  const { status, title } = PROBLEMS[error.code];
  const body = { type: `/problems/${error.code}`, title, status, code: error.code, detail: error.message };
  return error.pointers.length > 0 ? { ...body, errors: error.pointers } : body;
}
