/** Rows and bundles to what the API says of policies. */
import type { PolicyActivationRow, PolicyVersionRow } from "#db/queries/policy";
import type { ActivationView, PolicyVersionView } from "#lib/contracts/policy";
import type { PolicyBundle } from "#lib/policy/bundle";

export const ruleViews = (bundle: PolicyBundle) =>
  bundle.rules.map(({ id, whenText, status, reasonText, docs }) => ({
    ...{ id, status, docs },
    when: whenText.trim(),
    reason: reasonText.trim(),
  }));

export const activationView = (row: PolicyActivationRow): ActivationView => ({
  id: row.id,
  version: row.version,
  stage: row.stage as ActivationView["stage"],
  selector: row.selector,
  percent: row.percent,
  from: row.validFrom.toISOString(),
  to: row.validTo?.toISOString() ?? null,
  by: row.createdByEmail,
  changeRequestId: row.changeRequestId,
  comparedAt: row.comparedAt?.toISOString() ?? null,
  comparedNodes: row.comparedNodes,
});

export const isOpen = ({ validTo }: PolicyActivationRow): boolean => validTo === null;

export function versionView(
  row: PolicyVersionRow,
  activations: readonly PolicyActivationRow[],
): PolicyVersionView {
  const { version, note, text } = row;
  const own = activations.filter((activation) => activation.version === version);
  const inStage = (stage: string) => own.filter((activation) => activation.stage === stage);
  const stage = inStage("enforced").some(isOpen)
    ? "enforced"
    : inStage("shadow").some(isOpen)
      ? "shadow"
      : inStage("enforced").length > 0
        ? "retired"
        : "draft";
  const createdAt = row.createdAt.toISOString();
  return {
    version,
    note,
    text,
    stage,
    createdAt,
    digest: row.digest.toString("hex"),
    author: row.authorEmail,
  };
}
