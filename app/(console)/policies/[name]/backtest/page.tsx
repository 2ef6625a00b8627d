import { PolicyBacktestPage } from "#components/policies/policy-backtest";
import { type PolicyPageProps, policyOfPage, versionOf } from "../policy-of-page.ts";

export default async function BacktestOfPolicyPage({ params, searchParams }: PolicyPageProps) {
  const { name } = await policyOfPage((await params).name);
  const { version } = await searchParams;
  return <PolicyBacktestPage name={name} version={versionOf(version)} />;
}
