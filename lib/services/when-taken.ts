import type { ProblemError } from "#lib/domain/problems";

const UNIQUE_VIOLATION = "23505";

/**
 * For `catch` of a write: a name that something else has is refused, also when the other one came a moment before. Any other
 * error goes on. Only the database knows of what others have not committed yet, so that nothing is looked up before.
 */
export function whenTaken(problem: ProblemError): (error: unknown) => never {
  return (error) => {
    throw (error as { cause?: { code?: string } }).cause?.code === UNIQUE_VIOLATION ? problem : error;
  };
}
