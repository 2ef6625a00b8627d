/** A progress bar on a terminal, a line every few seconds elsewhere. Always on stderr. */

export type Progress = {
  /** Count some more as done. */
  add(done: number): void;
  /** Print a line of its own above the bar. */
  note(text: string): void;
  /** Print the result and end. */
  finish(): void;
};

type Stream = { isTTY?: boolean; columns?: number; write(text: string): unknown };

const REDRAW_MS = 100;
const LINE_MS = 5_000;
const BAR_CHARS = 24;

/** `1:05`, or `1:02:05` from an hour on. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, "0"));
  const hours = Math.floor(seconds / 3600);
  return hours > 0 ? `${hours}:${parts.join(":")}` : parts.join(":").replace(/^0/, "");
}

/** The text of a bar: share, count, rate, time used and time left. */
export function progressText(done: number, total: number, elapsedMs: number): string {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const full = Math.round(share * BAR_CHARS);
  const rate = elapsedMs > 0 ? (done / elapsedMs) * 1000 : 0;
  const left = rate > 0 && done < total ? `, ${clock(((total - done) / rate) * 1000)} left` : "";
  const bar = `${"█".repeat(full)}${"░".repeat(BAR_CHARS - full)}`;
  const percent = `${Math.floor(share * 100)}`.padStart(3);
  return `${bar} ${percent} %  ${done.toLocaleString("en")} of ${total.toLocaleString("en")}, ${Math.round(rate).toLocaleString("en")}/s, ${clock(elapsedMs)}${left}`;
}

/**
 * Show the progress of a count whose total is known, at least roughly.
 *
 * @param what stands before every line
 */
export function startProgress(
  what: string,
  total: number,
  { stream = process.stderr, now = () => performance.now() }: { stream?: Stream; now?: () => number } = {},
): Progress {
  const startMs = now();
  let done = 0;
  let expected = total;
  let drawnMs = Number.NEGATIVE_INFINITY;
  const clear = () => stream.isTTY && stream.write("\r\u001b[K");
  const draw = (end: string) => {
    drawnMs = now();
    const text = `${what}  ${progressText(done, Math.max(expected, done), drawnMs - startMs)}`;
    clear();
    stream.write(`${stream.isTTY ? text.slice(0, (stream.columns ?? 120) - 1) : text}${end}`);
  };
  return {
    add(more) {
      done += more;
      if (now() - drawnMs >= (stream.isTTY ? REDRAW_MS : LINE_MS)) draw(stream.isTTY ? "" : "\n");
    },
    note(text) {
      clear();
      stream.write(`${text}\n`);
      if (stream.isTTY) draw("");
    },
    finish() {
      expected = done;
      draw("\n");
    },
  };
}
