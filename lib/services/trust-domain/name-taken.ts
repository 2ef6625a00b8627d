import { ProblemError } from "#lib/domain/problems";

export const nameTaken = (name: string) =>
  new ProblemError("domain/name-taken", `There is a trust domain ${name} already.`, {
    pointers: [{ pointer: "#/name", detail: "Choose another name." }],
  });
