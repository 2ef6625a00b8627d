import { ProblemError } from "#lib/domain/problems";

const UNIQUE_VIOLATION = "23505";

/** For `catch`: the refusal of a name that another trust domain has; any other error goes on. */
export function refuseTaken(name: string): (error: unknown) => never {
  return (error) => {
    if ((error as { cause?: { code?: string } }).cause?.code !== UNIQUE_VIOLATION) throw error;
    throw new ProblemError("domain/name-taken", `There is a trust domain ${name} already.`, {
      pointers: [{ pointer: "#/name", detail: "Choose another name." }],
    });
  };
}
