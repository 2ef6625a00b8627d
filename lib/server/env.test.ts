import { describe, expect, it } from "vitest";
import { readEnv } from "./env.ts";
import { allowedHosts } from "./http/origin.ts";

describe("the configuration", () => {
  it("has a default for everything but the database", () => {
    expect(readEnv({})).toMatchObject({
      databaseUrl: undefined,
      host: "127.0.0.1",
      port: 3000,
      url: "http://127.0.0.1:3000",
      worker: true,
      logLevel: "info",
    });
    expect(readEnv({ PORT: "", WORKER: "off", HOST: "::1" })).toMatchObject({
      port: 3000,
      worker: false,
      url: "http://[::1]:3000",
    });
  });

  it("names every wrong variable and shows no value", () => {
    const read = () =>
      readEnv({
        PORT: "http",
        NEXTAUTH_SECRET: "short",
        TOUCHSTONE_URL: "ftp://x",
        DATABASE_URL: "mysql://u:hunter2@h",
        TOUCHSTONE_SECRET_KEY: "aHVudGVyMg==",
      });
    for (const name of ["PORT", "NEXTAUTH_SECRET", "TOUCHSTONE_URL", "DATABASE_URL", "TOUCHSTONE_SECRET_KEY"])
      expect(read).toThrow(name);
    for (const secret of ["hunter2", "aHVudGVyMg"]) expect(read).not.toThrow(secret);
  });

  it("takes a master key of exactly 32 bytes in base64, and none when it is empty", () => {
    const read = (text: string) => readEnv({ TOUCHSTONE_SECRET_KEY: text }).secretKey;
    expect(read(Buffer.alloc(32, 7).toString("base64"))?.byteLength).toBe(32);
    expect(read("")).toBeUndefined();
    for (const bytes of [16, 31, 33, 64])
      expect(() => read(Buffer.alloc(bytes, 7).toString("base64"))).toThrow("TOUCHSTONE_SECRET_KEY");
    expect(() => read("not base64 at all, whatever it is!")).toThrow("TOUCHSTONE_SECRET_KEY");
  });
});

describe("the host allow-list", () => {
  it("holds the public address and the names of this machine with the port, and nothing else", () => {
    const hosts = allowedHosts({ url: "https://trust.example.org", host: "0.0.0.0" }, 3000);
    for (const good of ["trust.example.org", "127.0.0.1:3000", "localhost:3000", "[::1]:3000"])
      expect(hosts.has(good)).toBe(true);
    for (const bad of ["evil.example", "127.0.0.1", "localhost:3001", ""]) expect(hosts.has(bad)).toBe(false);
  });
});
