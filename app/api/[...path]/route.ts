import { ProblemError } from "#lib/domain/problems";
import { route } from "#lib/server/http/route";

const nothing = route({
  permission: "public",
  operation: "api.unknown",
  summary: "Nothing is here",
  schemas: {},
  output: null,
  handle() {
    throw new ProblemError("route/not-found", "Nothing is here.");
  },
});

/** Whatever no other route answers is a problem document and not a page. */
export { nothing as DELETE, nothing as GET, nothing as PATCH, nothing as POST, nothing as PUT };
