import { describe, expect, it } from "vitest";
import { clock, progressText, startProgress } from "./progress.ts";

describe("clock", () => {
  it.each([
    [0, "0:00"],
    [65_000, "1:05"],
    [3_725_000, "1:02:05"],
    [-5, "0:00"],
  ])("shows %i ms as %s", (ms, shown) => expect(clock(ms)).toBe(shown));
});

describe("progressText", () => {
  it("tells share, count, rate, time used and time left", () => {
    expect(progressText(500, 1000, 10_000)).toBe(
      "████████████░░░░░░░░░░░░  50 %  500 of 1,000, 50/s, 0:10, 0:10 left",
    );
  });

  it("promises nothing before anything was done, and nothing is left at the end", () => {
    expect(progressText(0, 10, 0)).not.toContain("left");
    expect(progressText(10, 10, 1000)).toContain("100 %");
    expect(progressText(10, 10, 1000)).not.toContain("left");
    expect(progressText(0, 0, 0)).toContain("100 %");
  });
});

describe("startProgress", () => {
  const record = (isTTY: boolean) => {
    const written: string[] = [];
    let ms = 0;
    const progress = startProgress("load", 100, {
      stream: { isTTY, columns: 80, write: (text: string) => written.push(text) },
      now: () => ms,
    });
    return { written, progress, at: (next: number) => (ms = next) };
  };

  it("writes whole lines, and few, where nobody can redraw", () => {
    const { written, progress, at } = record(false);
    for (let n = 0; n < 50; n += 1) progress.add(at(n * 100) >= 0 ? 1 : 0);
    progress.finish();
    expect(written.every((text) => text.endsWith("\n"))).toBe(true);
    expect(written).toHaveLength(2);
    expect(written.at(-1)).toContain("100 %");
  });

  it("clears the bar before a note, and never wraps on a terminal", () => {
    const { written, progress } = record(true);
    progress.add(1);
    progress.note("a story begins");
    const text = written.join("");
    expect(text).toContain("\r\u001b[Ka story begins\n");
    expect(Math.max(...text.split(/[\n\r]/).map((line) => line.replace("\u001b[K", "").length))).toBeLessThan(
      80,
    );
  });

  it("ends at the true count when the total was a guess", () => {
    const { written, progress } = record(false);
    progress.add(97);
    progress.finish();
    expect(written.at(-1)).toContain("97 of 97");
  });
});
