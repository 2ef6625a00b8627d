import { expect, it } from "vitest";
import { type ConnectorContext, readOnly } from "./contract.ts";

it("lets nothing through that could change something, and remembers nothing", async () => {
  const sent: string[] = [];
  const kept: string[] = [];
  const ctx = {
    request: async ({ method, url }: { method: string; url: string }) => {
      sent.push(`${method} ${url}`);
      return { status: 200, headers: {}, body: new Uint8Array() };
    },
    rpc: async ({ method }: { method: string }) => {
      sent.push(method);
      return { status: 0, message: new Uint8Array() };
    },
    memory: {
      get: async () => "known",
      put: async (name: string) => void kept.push(name),
      remove: async (name: string) => void kept.push(name),
    },
  } as unknown as ConnectorContext;
  const never = new AbortController().signal;
  const safe = readOnly(ctx, { isRehearsal: ({ url }) => url.endsWith("?dryRun=All"), reads: ["/x.Y/Get"] });
  await safe.request({ method: "GET", url: "https://x.example/a" }, never);
  await safe.request({ method: "PATCH", url: "https://x.example/a?dryRun=All" }, never);
  for (const method of ["POST", "PUT", "PATCH", "DELETE"] as const) {
    const refused = safe.request({ method, url: "https://x.example/a" }, never);
    await expect(refused).rejects.toMatchObject({ kind: "refused", retry: false });
  }
  const call = (method: string) => ({
    ...{ server: "https://x.example:1", method, message: new Uint8Array() },
    isServer: () => true,
  });
  await safe.rpc(call("/x.Y/Get"), never);
  for (const method of ["/x.Y/Ban", "/x.Y/GetAll", "/x.Y/get"])
    await expect(safe.rpc(call(method), never)).rejects.toMatchObject({ kind: "refused", retry: false });
  await expect(readOnly(ctx).rpc(call("/x.Y/Get"), never)).rejects.toMatchObject({ kind: "refused" });
  await safe.memory.put("a", {});
  await safe.memory.remove("a");
  expect(await safe.memory.get("a")).toBe("known");
  expect(sent).toEqual(["GET https://x.example/a", "PATCH https://x.example/a?dryRun=All", "/x.Y/Get"]);
  expect(kept).toEqual([]);
});
