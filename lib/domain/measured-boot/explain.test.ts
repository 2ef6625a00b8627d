import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BANKS,
  bootFile,
  bootProgram,
  command,
  efiVariable,
  joined,
  nodeHash,
  SHA1_BANK,
  SHA256_BANK,
  secureBoot,
  separator,
  smallBoot,
  type WrittenEvent,
  writeAgileLog,
} from "#tests/event-log-writer";
import { align } from "./align.ts";
import { dataProof, describeEvent } from "./describe.ts";
import { type EventLog, MAX_LOG_BYTES, MAX_LOG_EVENTS, parseEventLog } from "./event-log.ts";
import { EV } from "./event-types.ts";
import { explainDifference } from "./explain.ts";

function logOf(events: readonly WrittenEvent[], banks = BANKS): EventLog {
  const read = parseEventLog(writeAgileLog(banks, events));
  if (!read.ok) throw new Error(read.problem.detail);
  return read.log;
}

/** `PCR 9: grub.cfg changed`, in the order of the registers. */
function words(a: readonly WrittenEvent[], b: readonly WrittenEvent[]): string[] {
  const explained = explainDifference(logOf(a), logOf(b));
  if (!explained.comparable) throw new Error(explained.reason);
  return explained.registers.flatMap(({ name, changes }) =>
    changes.map(({ sentence }) => `${name}: ${sentence}`),
  );
}

describe("explainDifference", () => {
  it("says nothing about logs that are the same", () => {
    expect(words(smallBoot(), smallBoot())).toEqual([]);
  });

  it("says what changed, in words", () => {
    expect(words(smallBoot(), smallBoot({ on: false }))).toEqual(["PCR 7: Secure Boot switched off"]);
    expect(words(smallBoot({ on: false }), smallBoot())).toEqual(["PCR 7: Secure Boot switched on"]);
    expect(words(smallBoot(), smallBoot({ config: "menu 2" }))).toEqual(["PCR 9: grub.cfg changed"]);
    expect(words(smallBoot(), smallBoot({ loader: "shim 2" }))).toEqual([
      "PCR 4: other boot loader: \\EFI\\BOOT\\BOOTX64.EFI",
    ]);
  });

  it.each<[string, WrittenEvent, WrittenEvent, string]>([
    [
      "another boot loader",
      bootProgram("\\EFI\\a.efi", "1"),
      bootProgram("\\EFI\\b.efi", "2"),
      "PCR 4: other boot loader: \\EFI\\b.efi, before \\EFI\\a.efi",
    ],
    [
      "a command",
      command("linux /vmlinuz quiet"),
      command("linux /vmlinuz init=/bin/sh"),
      "PCR 8: command linux changed: linux /vmlinuz init=/bin/sh, before linux /vmlinuz quiet",
    ],
    [
      "a file with a version in its name",
      bootFile("/vmlinuz-6.1", "1"),
      bootFile("/vmlinuz-6.2", "2"),
      "PCR 9: vmlinuz-6.2 instead of vmlinuz-6.1",
    ],
    [
      "a variable",
      {
        register: 7,
        type: EV.EFI_VARIABLE_AUTHORITY,
        data: efiVariable("SbatLevel", new TextEncoder().encode("sbat,1,1")),
      },
      {
        register: 7,
        type: EV.EFI_VARIABLE_AUTHORITY,
        data: efiVariable("SbatLevel", new TextEncoder().encode("sbat,1,2")),
      },
      "PCR 7: SbatLevel changed: sbat,1,2, before sbat,1,1",
    ],
  ])("says what changed about %s", (_, before, after, sentence) => {
    expect(words([...smallBoot(), before], [...smallBoot(), after])).toEqual([sentence]);
  });

  it("calls one inserted event one addition, wherever it stands", () => {
    const base = smallBoot();
    const extra = bootFile("/extra", "x");
    for (let at = 0; at <= base.length; at++) {
      const more = base.toSpliced(at, 0, extra);
      expect(words(base, more)).toEqual(["PCR 9: new: extra"]);
      expect(words(more, base)).toEqual(["PCR 9: extra is gone"]);
    }
  });

  it("tells a move from a change", () => {
    const [a, b, c] = [bootFile("/a", "1"), bootFile("/b", "2"), bootFile("/c", "3")];
    expect(words([a, b, c], [b, c, a])).toEqual(["PCR 9: a stands in another place"]);
  });

  it("goes by digests alone: other words with the same digest change no register", () => {
    const told = { ...bootFile("/boot/grub.cfg", "menu"), data: new TextEncoder().encode("/lies\0") };
    expect(words([bootFile("/boot/grub.cfg", "menu")], [told])).toEqual([]);
  });

  it("leaves out what extends nothing, and tells of another startup locality", () => {
    const note = (text: string) => ({
      register: 0,
      type: EV.NO_ACTION,
      data: new TextEncoder().encode(text),
    });
    expect(words([...smallBoot(), note("a")], [...smallBoot(), note("b")])).toEqual([]);
    const locality = {
      register: 0,
      type: EV.NO_ACTION,
      data: joined(new TextEncoder().encode("StartupLocality\0"), Uint8Array.of(3)),
    };
    expect(words(smallBoot(), [locality, ...smallBoot()])).toEqual([
      "PCR 0: the TPM was started from locality 3, before from 0",
    ]);
  });

  it("does not compare logs that have no algorithm in common", () => {
    const explained = explainDifference(
      logOf([separator(1)], [SHA1_BANK]),
      logOf([separator(1)], [SHA256_BANK]),
    );
    expect(explained).toEqual({ comparable: false, reason: "the two logs have no hash algorithm in common" });
  });

  it("gives exactly the registers whose replay differs", () => {
    const event = fc.record({
      register: fc.nat(3),
      type: fc.constantFrom(EV.IPL, EV.EFI_ACTION),
      data: fc.constantFrom("a", "b", "c").map((text) => new TextEncoder().encode(text)),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), fc.array(event, { maxLength: 12 }), (a, b) => {
        const explained = explainDifference(logOf(a), logOf(b));
        const sequence = (events: WrittenEvent[], register: number) =>
          events
            .filter((one) => one.register === register)
            .map(({ type, data }) => `${type} ${data}`)
            .join();
        const differing = [0, 1, 2, 3].filter((register) => sequence(a, register) !== sequence(b, register));
        expect(explained.comparable && explained.registers.map(({ register }) => register)).toEqual(
          differing,
        );
      }),
    );
  });
});

describe("hostile logs of the largest size", () => {
  const bigLog = (seed: number) =>
    logOf(
      Array.from({ length: MAX_LOG_EVENTS - 1 }, (_, i) => ({
        register: 8,
        type: EV.IPL,
        data: new TextEncoder().encode(`grub_cmd: set x=${(i * seed) % 1_000_003}`),
      })),
      [SHA256_BANK],
    );

  it("are compared with bounded work, although all events look alike", () => {
    const explained = explainDifference(bigLog(7919), bigLog(104_729));
    expect(explained.comparable && explained.registers).toHaveLength(1);
  }, 20_000);

  it("are read once from end to end, although every entry could be the filling", () => {
    const zeros = new Uint8Array(MAX_LOG_BYTES);
    zeros[zeros.length - 1] = 1;
    expect(parseEventLog(zeros)).toMatchObject({ ok: false, problem: { code: "too-many-entries" } });
  }, 5_000);
});

describe("align", () => {
  const texts = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 25 });

  it("matches equal entries in order, and all but the inserted ones", () => {
    fc.assert(
      fc.property(texts, fc.array(fc.nat(25), { maxLength: 4 }), (a, places) => {
        const b = places.reduce<string[]>(
          (list, at) => list.toSpliced(Math.min(at, list.length), 0, "new"),
          a,
        );
        const matches = align(a, b);
        expect(matches).toHaveLength(a.length);
        expect(matches.every(([i, j]) => a[i] === b[j])).toBe(true);
      }),
    );
  });

  it("is a longest common subsequence", () => {
    const longest = (a: readonly string[], b: readonly string[]): number => {
      const [first, ...rest] = a;
      if (first === undefined || b.length === 0) return 0;
      const at = b.indexOf(first);
      const without = longest(rest, b);
      return at < 0 ? without : Math.max(without, 1 + longest(rest, b.slice(at + 1)));
    };
    const short = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 9 });
    fc.assert(
      fc.property(short, short, (a, b) => {
        const matches = align(a, b);
        expect(matches).toHaveLength(longest(a, b));
        for (const [n, [i, j]] of matches.entries()) {
          const [x, y] = matches[n - 1] ?? [-1, -1];
          expect(i > x && j > y && a[i] === b[j]).toBe(true);
        }
      }),
    );
  });

  it("stays fast on logs of the largest size, and finds the one insertion", () => {
    const long = Array.from({ length: 20_000 }, (_, i) => `${(i * 7919) % 20_011}`);
    const other = ["x", ...long.slice(0, 9_999), "new", ...long.slice(9_999), "y"];
    expect(align(["z", ...long, "w"], other)).toHaveLength(long.length);
  });
});

describe("description", () => {
  it("says of a digest whether it proves the words", () => {
    const [, on = separator(0)] = smallBoot();
    const proof = (event: WrittenEvent) => {
      const found = logOf([event]).events[1];
      return found && dataProof(found, (algorithm) => (algorithm === 4 ? "sha1" : "sha256"), nodeHash);
    };
    expect(proof(on)).toBe("proven");
    expect(proof(command("linux /vmlinuz"))).toBe("proven");
    expect(proof(bootFile("/grub.cfg", "menu"))).toBe("separate");
    const zeros = BANKS.map(({ bytes }) => new Uint8Array(bytes));
    expect(proof({ ...secureBoot(true), digests: zeros })).toBe("contradicted");
  });

  it("reads what a variable says", () => {
    const words = (name: string, data: Uint8Array) => {
      const variable = { register: 1, type: EV.EFI_VARIABLE_BOOT, data: efiVariable(name, data) };
      const found = logOf([variable]).events[1];
      return found && describeEvent(found).value;
    };
    expect(words("BootOrder", Uint8Array.of(2, 0, 0x0a, 0))).toBe("0002, 000A");
    expect(words("SecureBoot", new Uint8Array(0))).toBe("not set");
    expect(words("dbx", new Uint8Array(0))).toBe("empty");
    expect(words("dbx", Uint8Array.of(1, 2, 3))).toBe("3 bytes");
  });
});
