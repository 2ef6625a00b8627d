/** Turning what came from outside into what the schema promises, or into a problem. */
import type { z } from "zod";
import { ProblemError, type ProblemPointer } from "#lib/domain/problems";

/**
 * Parse a value.
 *
 * @param base pointer of the value inside the request, for example `/query`; empty for a body
 * @throws {ProblemError} `request/invalid` with one pointer per finding
 */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown, base = ""): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const pointers = parsed.error.issues.flatMap((issue): ProblemPointer[] => {
    const at =
      issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return at.map((path) => ({ pointer: pointerOf(path, base), detail: issue.message }));
  });
  const [first] = pointers;
  throw new ProblemError("request/invalid", `${first?.pointer ?? "#"}: ${first?.detail ?? "invalid"}`, {
    pointers,
  });
}

function pointerOf(path: readonly PropertyKey[], base: string): string {
  const segments = path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`);
  return `#${base}${encodeURI(segments.join(""))}`;
}
