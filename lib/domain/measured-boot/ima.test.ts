import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { imaLine, nodeHash } from "#tests/event-log-writer";
import { hexOf } from "./bytes.ts";
import { explainImaDifference } from "./ima-difference.ts";
import { type ImaEntry, MAX_IMA_CHARS, MAX_IMA_ENTRIES, parseImaLog } from "./ima-log.ts";
import { isWholeImaLog, judgeBootAggregate, replayImaLog } from "./ima-replay.ts";

const textOf = (...lines: string[]) => `${lines.join("\n")}\n`;

function entries(text: string): ImaEntry[] {
  const read = parseImaLog(text);
  if (!read.ok) throw new Error(read.problem.detail);
  return read.log;
}

const problemOf = (text: string) => {
  const read = parseImaLog(text);
  return read.ok ? null : read.problem.code;
};

const VIOLATION = `10 ${"0".repeat(40)} ima-ng sha256:${"0".repeat(64)} /var/log/x`;

describe("reading", () => {
  it("reads every template, with spaces in paths", () => {
    const path = fc.stringMatching(/^\/[a-z ]{0,20}[a-z]$/);
    const template = fc.constantFrom("ima" as const, "ima-ng" as const, "ima-sig" as const);
    fc.assert(
      fc.property(fc.array(fc.tuple(path, template), { minLength: 1, maxLength: 10 }), (list) => {
        const found = entries(textOf(...list.map(([name, kind]) => imaLine(name, name, kind))));
        expect(found.map((entry) => [entry.path, entry.template])).toEqual(list);
        expect(replayImaLog(found, nodeHash).contradicted).toEqual([]);
      }),
    );
  });

  it("reads buffers, second versions and files without a signature", () => {
    const hash = "1".repeat(40);
    const digest = "a".repeat(64);
    const found = entries(
      textOf(
        `10 ${hash} ima-buf sha256:${digest} kexec-cmdline 726f6f74`,
        `10 ${hash} ima-ngv2 verity:sha256:${digest} /usr/bin/true`,
        `10 ${hash} ima-sig sha256:${digest} /usr/bin/false `,
      ),
    );
    expect(found.map(({ path, algorithm, extra }) => [path, algorithm, extra && hexOf(extra)])).toEqual([
      ["kexec-cmdline", "sha256", "726f6f74"],
      ["/usr/bin/true", "verity:sha256", null],
      ["/usr/bin/false", "sha256", null],
    ]);
  });

  it("names what is wrong", () => {
    expect(problemOf("")).toBe("empty");
    expect(problemOf("this is no log\n")).toBe("not-a-log");
    expect(problemOf(textOf(imaLine("/a", "1"), "rubbish", imaLine("/b", "2")))).toBe("inconsistent");
    expect(problemOf(`${imaLine("/a", "1")}\n10 0123`)).toBe("truncated");
    expect(problemOf("x".repeat(MAX_IMA_CHARS + 1))).toBe("too-large");
    const short = `10 ${"1".repeat(40)} ima-ng a:00 b\n`;
    expect(problemOf(short.repeat(MAX_IMA_ENTRIES + 1))).toBe("too-many-entries");
  });

  it("never throws, whatever the text is", () => {
    const whole = textOf(
      imaLine("boot_aggregate", ""),
      imaLine("/a", "1", "ima-sig"),
      imaLine("/b", "2", "ima"),
    );
    const mutated = fc
      .tuple(fc.nat(whole.length), fc.string({ unit: "binary", maxLength: 5 }))
      .map(([at, text]) => whole.slice(0, at) + text + whole.slice(at + text.length));
    fc.assert(
      fc.property(fc.oneof(mutated, fc.string({ unit: "binary", maxLength: 300 })), (text) => {
        const read = parseImaLog(text);
        if (read.ok) replayImaLog(read.log, nodeHash);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("replay", () => {
  it("extends with the stated hashes, and violations as all ones", () => {
    const found = entries(textOf(imaLine("boot_aggregate", ""), imaLine("/a", "1"), VIOLATION));
    const { banks, contradicted } = replayImaLog(found, nodeHash);
    let sha1 = Buffer.alloc(20);
    for (const { templateHash, isViolation } of found) {
      const digest = isViolation ? Buffer.alloc(20, 0xff) : templateHash;
      sha1 = createHash("sha1").update(sha1).update(digest).digest() as Buffer<ArrayBuffer>;
    }
    expect(hexOf(banks[0]?.registers?.get(10) ?? new Uint8Array(0))).toBe(sha1.toString("hex"));
    expect(contradicted).toEqual([]);
    expect(isWholeImaLog(found)).toBe(true);
    expect(isWholeImaLog(found.slice(1))).toBe(false);
  });

  it("finds lines that do not fit their own hash", () => {
    const line = imaLine("/usr/bin/sudo", "1");
    const found = entries(textOf(imaLine("boot_aggregate", ""), line.replace("/sudo", "/true")));
    expect(replayImaLog(found, nodeHash).contradicted).toEqual([1]);
  });
});

describe("boot_aggregate", () => {
  const registers = new Map(
    Array.from({ length: 10 }, (_, i) => [i, new Uint8Array(32).fill(i + 1)] as const),
  );
  const over = (count: number) => {
    const hash = createHash("sha256");
    for (let i = 0; i < count; i++) hash.update(registers.get(i) ?? "");
    return hash.digest();
  };
  const logWith = (digest: Buffer) => {
    const [entry] = entries(textOf(imaLine("boot_aggregate", "")));
    if (!entry) throw new Error("no entry");
    return [{ ...entry, digest: new Uint8Array(digest) }];
  };

  it("is compared with the boot registers, as kernels before and after 5.8 build it", () => {
    const judge = (digest: Buffer, of: typeof registers | null = registers) =>
      judgeBootAggregate(logWith(digest), () => of, nodeHash);
    expect(judge(over(10))).toBe("matches");
    expect(judge(over(8))).toBe("matches");
    expect(judge(over(9))).toBe("differs");
    expect(judge(over(10), null)).toBe("not_comparable");
    expect(judgeBootAggregate([], () => registers, nodeHash)).toBe("not_comparable");
  });
});

describe("difference", () => {
  it("goes by path: order and repetition change nothing", () => {
    const a = entries(textOf(imaLine("/a", "1"), imaLine("/b", "2"), imaLine("/a", "1")));
    const b = entries(textOf(imaLine("/b", "2"), imaLine("/a", "1")));
    expect(explainImaDifference(a, b)).toEqual([]);
  });

  it("tells added, removed and changed files apart", () => {
    const a = entries(textOf(imaLine("/a", "1"), imaLine("/b", "2"), imaLine("/c", "3")));
    const b = entries(textOf(imaLine("/c", "4"), imaLine("/a", "1"), imaLine("/d", "5")));
    expect(explainImaDifference(a, b).map(({ path, kind }) => `${path} ${kind}`)).toEqual([
      "/b removed",
      "/c changed",
      "/d added",
    ]);
  });
});
