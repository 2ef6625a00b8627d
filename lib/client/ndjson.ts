/** Answers that grow: one JSON value per line. */

/** Gathers text and gives the values of the lines that are whole by now. */
function lineReader(): (chunk: string) => unknown[] {
  let rest = "";
  return (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    return lines.filter((line) => line.trim() !== "").map((line) => JSON.parse(line) as unknown);
  };
}

/** Every value in the order in which it comes. Ends with the body, or throws what ended it. */
export async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<unknown> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const read = lineReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      yield* read(done ? `${decoder.decode()}\n` : decoder.decode(value, { stream: true }));
      if (done) return;
    }
  } finally {
    // A reader that stops early leaves; the server then stops as well.
    await reader.cancel().catch(() => undefined);
  }
}
