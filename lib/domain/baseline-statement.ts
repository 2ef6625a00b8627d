/** What is signed when a baseline version is published: an in-toto statement about its content. Pure. */
import { canonicalJson } from "./change-request.ts";

/** Payload type of the envelope. */
export const STATEMENT_TYPE = "application/vnd.in-toto+json";

export type BaselineStatement = {
  trustDomainId: string;
  baselineId: string;
  version: number;
  /** SHA-256 of the canonical content, hex. */
  digest: string;
  /** Account ids; `null` = the installation itself wrote it. */
  author: string | null;
  approver: string;
  changeRequestId: string;
  /** ISO 8601. */
  approvedAt: string;
};

/** Its text, the same for equal statements. */
export function statementText(statement: BaselineStatement): string {
  const { digest, ...predicate } = statement;
  return canonicalJson({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: `baseline/${statement.baselineId}/${statement.version}`, digest: { sha256: digest } }],
    predicateType: "urn:touchstone:baseline-version:v1",
    predicate,
  });
}

/**
 * The statement in a text that was signed; `null` when it is not one of these.
 *
 * Only a text that writing the statement again gives is one: nothing in it is left unread.
 */
export function readStatement(text: string): BaselineStatement | null {
  try {
    const { subject, predicate } = JSON.parse(text);
    const { trustDomainId, baselineId, version, author, approver, changeRequestId, approvedAt } = predicate;
    const digest = subject[0].digest.sha256;
    const statement = {
      trustDomainId,
      baselineId,
      version,
      digest,
      author,
      approver,
      changeRequestId,
      approvedAt,
    };
    return statementText(statement) === text ? statement : null;
  } catch {
    return null;
  }
}
