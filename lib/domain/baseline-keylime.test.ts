import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readContent } from "./baseline-content.ts";
import { readKeylime } from "./baseline-keylime.ts";

const sha = (digit: string) => digit.repeat(64);

describe("a reference state", () => {
  const refstate = {
    has_secureboot: true,
    scrtm_and_bios: [
      {
        scrtm: { sha256: `0x${sha("A")}` },
        platform_firmware: [{ sha256: `0x${sha("b")}` }, { sha256: `0x${sha("c")}` }],
      },
    ],
    pk: [{ SignatureOwner: "owner-1", SignatureData: "0x30" }],
    dbx: Array.from({ length: 80 }, (_, index) => ({ SignatureOwner: "o", SignatureData: `0x${index}0` })),
    mokdig: [{ sha256: `0x${sha("0")}` }],
    kernels: [
      {
        shim_authcode_sha256: `0x${sha("1")}`,
        kernel_cmdline: "root=.*",
        initrd_plain_sha256: `0x${sha("2")}`,
      },
      { kernel_authcode_sha256: `0x${sha("3")}`, future_sha256: "0x1" },
    ],
    notes: "x",
  };

  it("becomes accepted values per path, without prefixes, and what has no counterpart is told", () => {
    const result = readKeylime(refstate);
    expect(result).toEqual({
      ok: true,
      kind: "refstate",
      document: {
        entries: {
          "firmware/scrtm/sha256": [sha("a")],
          "firmware/platform/sha256": [sha("b"), sha("c")],
          "secure-boot/pk/owner-1": ["30"],
          "secure-boot/mokdig/sha256": [sha("0")],
          "secure-boot/enabled": ["true"],
          "boot/shim/authcode-sha256": [sha("1")],
          "boot/initrd/plain-sha256": [sha("2")],
          "kernel/authcode-sha256": [sha("3")],
        },
      },
      left: [
        "kernels/kernel_cmdline is a pattern, and values are texts",
        "kernels/1/future_sha256 has no counterpart",
        "notes has no counterpart",
        "secure-boot/dbx/o has 80 values, more than the 64 of an entry",
      ],
    });
    expect(result.ok && readContent(result.document, () => null).ok).toBe(true);
  });

  it("is refused where it has another shape", () => {
    expect(readKeylime({ pk: [{ SignatureData: 7 }] })).toMatchObject({
      ok: false,
      problems: [{ pointer: "/pk/0/SignatureData" }],
    });
    expect(readKeylime({ kernels: "all" })).toMatchObject({ ok: false, problems: [{ pointer: "/kernels" }] });
  });
});

describe("a runtime policy", () => {
  it("becomes files with accepted digests, a complete scope and patterns of whole paths", () => {
    const policy = {
      meta: { version: 1 },
      release: 0,
      digests: { "/usr/bin/a": [sha("1"), sha("2")], boot_aggregate: [`sha256:${sha("3")}`], "/any": [] },
      excludes: ["/tmp/.*", "^/var/log", "boot_aggregate$"],
      keyrings: { ".ima": [sha("4")] },
      "ima-buf": {},
      "verification-keys": "",
    };
    expect(readKeylime(policy)).toEqual({
      ok: true,
      kind: "runtime-policy",
      document: {
        scope: ["ima/"],
        entries: {
          "ima//usr/bin/a": [sha("1"), sha("2")],
          "ima/boot_aggregate": [`sha256:${sha("3")}`],
        },
        ignore: ["ima/(?:/tmp/.*).*", "ima/(?:/var/log).*", "ima/(?:boot_aggregate)"],
      },
      left: ["digests of /any are empty", "keyrings are checked by the verifier and are no files"],
    });
  });

  it("matches what Keylime's own patterns match: from the beginning of the path on", () => {
    const result = readKeylime({ digests: {}, excludes: ["/tmp", "^/var/log$"] });
    const ignore = result.ok ? (result.document.ignore as string[]) : [];
    const isIgnored = (path: string) => ignore.some((pattern) => new RegExp(`^(?:${pattern})$`).test(path));
    expect(isIgnored("ima//tmp/x")).toBe(true);
    expect(isIgnored("ima//home/tmp")).toBe(false);
    expect(isIgnored("ima//var/log")).toBe(true);
    expect(isIgnored("ima//var/log/x")).toBe(false);
  });

  it("is refused where it has another shape", () => {
    expect(readKeylime({ digests: { "/a": "x" } })).toMatchObject({ ok: false });
    expect(readKeylime({ digests: [] })).toMatchObject({ ok: false, problems: [{ pointer: "/digests" }] });
    expect(readKeylime({ digests: {}, excludes: [1] })).toMatchObject({ ok: false });
  });
});

it("Anything else is refused, and nothing throws", () => {
  expect(readKeylime({ hello: 1 })).toMatchObject({ ok: false });
  fc.assert(fc.property(fc.anything(), (value) => typeof readKeylime(value).ok === "boolean"));
  const shapes = fc.record(
    {
      scrtm_and_bios: fc.anything(),
      kernels: fc.anything(),
      pk: fc.anything(),
      digests: fc.anything(),
      excludes: fc.anything(),
      keyrings: fc.anything(),
    },
    { requiredKeys: [] },
  );
  fc.assert(fc.property(shapes, (value) => typeof readKeylime(value).ok === "boolean"));
});
