/** Documents that people hand over, as JSON or YAML. */
import "server-only";
import { isScalar, parseDocument, visit } from "yaml";
import { ProblemError } from "#lib/domain/problems";
import { JsonError, parseJson } from "#lib/sources/shared/json";

/** Most strings of a JSON document: a policy lists every file of a machine with its digests. */
const MAX_STRINGS = 400_000;
const MAX_YAML_CHARS = 2_000_000;

/**
 * The value of a document. JSON is what begins with a brace; anything else is YAML 1.2, without aliases.
 *
 * @throws {ProblemError} `request/invalid` for what cannot be read, and for a key that is given twice
 */
export function readDocument(text: string): unknown {
  return /^\s*\{/.test(text) ? readJson(text) : readYaml(text);
}

function readJson(text: string): unknown {
  try {
    return parseJson(text, { maxStrings: MAX_STRINGS });
  } catch (error) {
    if (error instanceof JsonError) throw refused(`The document is not acceptable JSON: ${error.message}.`);
    throw error;
  }
}

function readYaml(text: string): unknown {
  if (text.length > MAX_YAML_CHARS) {
    throw refused(`YAML has ${MAX_YAML_CHARS} characters at most. Larger documents are JSON.`);
  }
  try {
    // The library compares every key with every other one; a set does the same in one pass.
    const document = parseDocument(text, {
      version: "1.2",
      schema: "core",
      uniqueKeys: false,
      logLevel: "error",
    });
    const [problem] = [...document.errors, ...document.warnings];
    if (problem) throw refused(`The document is not acceptable YAML: ${problem.message.split("\n")[0]}`);
    refuseRepeats(document);
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    // Aliases, and nesting that is deeper than the stack.
    throw refused("The document is not acceptable YAML: it has aliases or is nested too deeply.");
  }
}

function refuseRepeats(document: ReturnType<typeof parseDocument>): void {
  visit(document, {
    Map(_, { items }) {
      const keys = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) throw refused("The document is not acceptable YAML: a key is no text.");
        const name = String(key.value);
        if (keys.has(name)) throw refused("The document is not acceptable YAML: a key is given twice.");
        keys.add(name);
      }
    },
  });
}

function refused(detail: string): ProblemError {
  const pointer = "#/origin/document";
  return new ProblemError("request/invalid", detail, { pointers: [{ pointer, detail }] });
}
