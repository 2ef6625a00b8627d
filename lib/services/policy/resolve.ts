/** From what a request names to a policy that can decide. */
import type { Conn } from "#db/client";
import { type PolicyRow, type PolicyVersionRow, policyFind, policyVersionList } from "#db/queries/policy";
import { ProblemError } from "#lib/domain/problems";
import { type PolicyBundle, readBundle } from "#lib/policy/bundle";
import { type Policy, policyOf } from "#lib/policy/evaluate";
import { compileSelector } from "#lib/policy/selector";
import type { ServiceContext } from "#lib/services/context";

/** @throws {ProblemError} `policy/invalid` with what is wrong and where */
export function bundleOf(text: string): PolicyBundle {
  const read = readBundle(text);
  if (read.ok) return read.bundle;
  const pointers = read.problems.map(({ path, line, column, detail }) => ({
    pointer: "#/text",
    detail: `${line}:${column} ${path === "" ? "" : `${path}: `}${detail}`,
  }));
  throw new ProblemError("policy/invalid", pointers[0]?.detail ?? "The policy is refused.", { pointers });
}

/** @throws {ProblemError} `request/invalid` */
export function refuseSelector(text: string, pointer: string): void {
  const selector = compileSelector(text);
  if (selector.ok) return;
  const detail = `${selector.detail}${selector.offset === null ? "" : ` (at character ${selector.offset + 1})`}`;
  throw new ProblemError("request/invalid", detail, { pointers: [{ pointer, detail }] });
}

/** @throws {ProblemError} `policy/not-found` */
export async function policyNamed(
  conn: Conn,
  { actor }: Pick<ServiceContext, "actor">,
  name: string,
  lock = false,
): Promise<PolicyRow> {
  const row = await policyFind(conn, actor.trustDomainIds, name, lock);
  if (!row) throw new ProblemError("policy/not-found", `No policy ${name}.`);
  return row;
}

/** @throws {ProblemError} `policy/not-found` */
export async function versionNamed(
  conn: Conn,
  policy: PolicyRow,
  version: number,
): Promise<PolicyVersionRow> {
  const versions = await policyVersionList(conn, {
    trustDomainId: policy.trustDomainId,
    policyId: policy.id,
  });
  const row = versions.find((one) => one.version === version);
  if (!row) throw new ProblemError("policy/not-found", `${policy.name} has no version ${version}.`);
  return row;
}

/** What is to be tried, and where. */
export async function proposalOf(
  ctx: ServiceContext,
  asked: {
    text?: string | undefined;
    name?: string | undefined;
    version?: number | undefined;
    selector: string;
    percent: number;
  },
  trustDomainId: string,
): Promise<{ trustDomainId: string; proposal: { policy: Policy; selector: string; percent: number } }> {
  const { text, name = "", version = 0, selector, percent } = asked;
  refuseSelector(selector, "#/selector");
  if (text !== undefined) {
    const bundle = bundleOf(text);
    const policy = policyOf(bundle, `${bundle.name}@proposed`);
    return { trustDomainId, proposal: { policy, selector, percent } };
  }
  const row = await policyNamed(ctx.db, ctx, name);
  const stored = await versionNamed(ctx.db, row, version);
  const policy = policyOf(bundleOf(stored.text), `${name}@${version}`);
  return { trustDomainId: row.trustDomainId, proposal: { policy, selector, percent } };
}
