/** Files that hold keys: JWK sets for public ones, one line for a shared secret. */
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import type { PrepareKeysBody } from "#lib/contracts/source";
import { CommandError } from "./output.ts";

export type KeyFiles = { jwks?: string; secretFile?: string[] };

/** Options that name the files. A secret is never an argument, which every process could read. */
export function keyFileOptions(command: Command): Command {
  return command
    .option("--jwks <file>", "JWK set (or one JWK) with the public keys that vouch for its messages")
    .option(
      "--secret-file <file>",
      "file that holds a secret shared with the sender; may be repeated",
      (file: string, files: string[] = []) => [...files, file],
    );
}

/** @throws {CommandError} naming the file, never what stands in it */
export async function readKeyFiles({ jwks, secretFile = [] }: KeyFiles): Promise<PrepareKeysBody> {
  const secrets = await Promise.all(secretFile.map(readSecretFile));
  return {
    ...(jwks !== undefined && { jwks: await readJwks(jwks) }),
    ...(secrets.length > 0 && { secrets }),
  };
}

/** The end of the last line is an editor's, not part of the secret. */
async function readSecretFile(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((error: Error) => {
    throw new CommandError(`cannot read a secret from ${file}: ${error.message}`);
  });
  return text.replace(/\r?\n$/, "");
}

async function readJwks(file: string): Promise<NonNullable<PrepareKeysBody["jwks"]>> {
  const text = await readFile(file, "utf8").catch((error: Error) => {
    throw new CommandError(`cannot read keys from ${file}: ${error.message}`);
  });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's own words quote the file, which may be a secret's.
    throw new CommandError(`cannot read keys from ${file}: it is no JSON`);
  }
  const keys = typeof parsed === "object" && parsed !== null && "keys" in parsed ? parsed.keys : [parsed];
  if (!Array.isArray(keys)) throw new CommandError(`${file} holds no JWK set`);
  return { keys };
}
