import { DrizzleQueryError } from "drizzle-orm/errors";
import { describe, expect, it } from "vitest";
import { makeLog } from "./log.ts";

const CANARY = "canary-f2a90c41";
const SQL = 'insert into "person" ("email", "password_hash") values ($1, $2)';

/** What is written when this is logged, and the line read back. */
function written(write: (log: ReturnType<typeof makeLog>) => void): { text: string; line: unknown } {
  const lines: string[] = [];
  write(makeLog("debug", { write: (line) => void lines.push(line) }));
  const text = lines.join("");
  return { text, line: JSON.parse(text) };
}

/** As the database refuses a row: it quotes what it was given. */
function refusedRow(message = `invalid input syntax for type uuid: "${CANARY}"`): Error {
  return Object.assign(new Error(message), {
    code: "22P02",
    severity: "ERROR",
    constraint: "person_email",
    detail: `Failing row contains (${CANARY}).`,
    where: `unnamed portal with parameters: $1 = '${CANARY}'`,
    hint: CANARY,
    internalQuery: CANARY,
  });
}

const failed = (cause = refusedRow()) =>
  new DrizzleQueryError(SQL, [`${CANARY}`, Buffer.from(CANARY), [CANARY], { raw: CANARY }], cause);

describe("log lines", () => {
  it("never show what is called like a secret, at any of the first levels", () => {
    const { text, line } = written((log) =>
      log.info(
        {
          password: "p1",
          headers: { authorization: "p2", cookie: "p3" },
          a: { b: { secret: "p4" } },
          requestId: "r",
        },
        "hello",
      ),
    );
    expect(text).not.toMatch(/p[1-4]/);
    expect(line).toMatchObject({ msg: "hello", requestId: "r", password: "[hidden]" });
  });

  it("are one line each, whatever a reader takes for the end of one", () => {
    const { text, line } = written((log) =>
      log.info({ name: "a\u2028b\u2029c\u0085d\ne" }, "hello\u2028there"),
    );
    expect(text.trimEnd()).not.toMatch(/[\n\r\u0085\u2028\u2029]/);
    expect(line).toMatchObject({ name: "a\u2028b\u2029c\u0085d\ne", msg: "hello\u2028there" });
  });

  it("tell of a failed query its text and the database's reason", () => {
    const { line } = written((log) => log.error({ err: failed(), requestId: "r" }, "request failed"));
    expect(line).toMatchObject({
      msg: "request failed",
      requestId: "r",
      err: {
        type: "DrizzleQueryError",
        message: "Failed query",
        query: SQL,
        stack: expect.stringContaining("log.test.ts"),
        cause: {
          code: "22P02",
          severity: "ERROR",
          constraint: "person_email",
          message: 'invalid input syntax for type uuid: "[hidden]"',
        },
      },
    });
  });

  const twice = new Error("twice", { cause: new Error("once", { cause: failed() }) });
  const circular = failed();
  circular.cause = circular;
  it.each([
    ["a failed query", { err: failed() }],
    ["one under the other name", { error: failed() }],
    ["one behind other errors", { err: twice }],
    ["one of several", { err: new AggregateError([failed(), new Error("other")], "several") }],
    ["one that is its own cause", { err: circular }],
    [
      "a parameter that looks like a stack",
      { err: new DrizzleQueryError(SQL, [`\n    at ${CANARY} (x:1:1)`]) },
    ],
    ["the database's own error", { err: refusedRow("null value in a column") }],
    ["a thrown text", { err: `${CANARY}` }],
  ])("show no parameter of %s", (_what, fields) => {
    const { text } = written((log) => log.error(fields, "failed"));
    expect(text).not.toContain(CANARY);
  });

  it("show no parameter of an error that comes without words", () => {
    expect(written((log) => log.error(failed())).text).not.toContain(CANARY);
    expect(written((log) => log.error(failed(), "saying why")).line).toMatchObject({ msg: "saying why" });
    expect(written((log) => log.error({ err: failed() })).text).not.toContain(CANARY);
    expect(written((log) => log.info("no fields")).line).toMatchObject({ msg: "no fields" });
    expect(written((log) => log.info({ a: 1 })).line).not.toHaveProperty("msg");
  });
});
