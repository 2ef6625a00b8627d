import { describe, expect, it } from "vitest";
import { makeLog } from "./log.ts";

describe("log lines", () => {
  it("never show what is called like a secret, at any of the first levels", () => {
    const lines: string[] = [];
    const log = makeLog("info", { write: (line) => void lines.push(line) });
    log.info(
      {
        password: "p1",
        headers: { authorization: "p2", cookie: "p3" },
        a: { b: { secret: "p4" } },
        requestId: "r",
      },
      "hello",
    );
    expect(lines.join("")).not.toMatch(/p[1-4]/);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ msg: "hello", requestId: "r", password: "[hidden]" });
  });
});
