import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { StreamClient } from "./stream-client.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open(onClosed = () => {}) {
  const client = new StreamClient({ domains: ["d"], sessionId: "s" }, onClosed);
  const reader = client.stream.getReader();
  const decoder = new TextDecoder();
  const next = async () => {
    const { value, done } = await reader.read();
    return done ? null : decoder.decode(value);
  };
  return { client, next };
}

describe("a stream to a browser", () => {
  it("says first when to connect again, and stays alive by comments", async () => {
    const { client, next } = open();
    expect(await next()).toBe("retry: 3000\n\n");
    client.heartbeat();
    expect(await next()).toMatch(/^: .*\n\n$/);
  });

  it("joins the hints of a second into one frame", async () => {
    const { client, next } = open();
    await next();
    client.hint(["fleet"], ["a"]);
    await vi.advanceTimersByTimeAsync(0);
    expect(await next()).toBe('event: change\ndata: {"topics":["fleet"],"nodes":["a"]}\n\n');
    client.hint(["nodes"], ["b"]);
    client.hint(["nodes", "events"], ["b", "c"]);
    await vi.advanceTimersByTimeAsync(900);
    client.hint(["nodes"], ["d"]);
    await vi.advanceTimersByTimeAsync(100);
    expect(await next()).toBe('event: change\ndata: {"topics":["nodes","events"],"nodes":["b","c","d"]}\n\n');
  });

  it("tells more than fifty nodes as any node", async () => {
    const { client, next } = open();
    await next();
    client.hint(
      ["nodes"],
      Array.from({ length: 51 }, (_, index) => String(index)),
    );
    await vi.advanceTimersByTimeAsync(0);
    expect(await next()).toContain('"nodes":[]');
  });

  it("drops a reader that does not read, and tells once", () => {
    const onClosed = vi.fn();
    const client = new StreamClient({ domains: [], sessionId: "s" }, onClosed);
    for (let beat = 0; beat < 100; beat += 1) client.heartbeat();
    client.close();
    expect(onClosed).toHaveBeenCalledTimes(1);
  });

  it("ends when closed", async () => {
    const { client, next } = open();
    client.close();
    expect(await next()).toBe("retry: 3000\n\n");
    expect(await next()).toBeNull();
  });
});
