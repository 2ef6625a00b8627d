import { describe, expect, it } from "vitest";
import { type Connector, type ConnectorContext, ConnectorError } from "#lib/connectors/contract";
import { webhookConnector } from "#lib/connectors/webhook/index";
import { withoutSecrets } from "./without-secrets.ts";

const SECRET = "a-canary-of-a-token";
const ctx = {} as ConnectorContext;
const target = { ref: "n", words: "n", uid: null };
const leaky: Connector = {
  ...webhookConnector,
  observe: async () => ({
    state: "done",
    detail: `said ${SECRET}`,
    facts: { list: [{ [SECRET]: SECRET }], n: 1, none: null },
  }),
  start: async () => {
    throw new ConnectorError("conflict", `said ${SECRET}`, { retry: true });
  },
};

describe("what a connector says", () => {
  it("holds none of its secrets, in texts, lists, names or failures, and is otherwise as it was", async () => {
    const clean = withoutSecrets(leaky, { token: SECRET, short: "n" });
    expect(await clean.observe(ctx, target, "isolate", "k")).toEqual({
      state: "done",
      detail: "said [secret]",
      facts: { list: [{ "[secret]": "[secret]" }], n: 1, none: null },
    });
    await expect(clean.start(ctx, target, "isolate", "k")).rejects.toMatchObject({
      kind: "conflict",
      retry: true,
      message: "said [secret]",
    });
  });

  it("keeps what is no failure of a connector as it is: an abort stays an abort", async () => {
    const aborted = new DOMException("stop", "AbortError");
    const aborting = { ...leaky, abort: () => Promise.reject(aborted) };
    await expect(withoutSecrets(aborting, {}).abort(ctx, target, "isolate", "k")).rejects.toBe(aborted);
  });
});
