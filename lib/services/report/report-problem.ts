/** Why a report cannot be made, said to people. Trying again changes nothing. */
export class ReportProblem extends Error {
  override readonly name = "ReportProblem";
}
