import { z } from "zod";
import { PolicyTestPage } from "#components/policies/policy-test-page";
import { type PolicyPageProps, policyOfPage, versionOf } from "../policy-of-page.ts";

export default async function TestPolicyPage({ params, searchParams }: PolicyPageProps) {
  const { name } = await policyOfPage((await params).name);
  const { version, node } = await searchParams;
  const nodeId = z.uuid().safeParse(node);
  return <PolicyTestPage name={name} version={versionOf(version)} nodeId={nodeId.data ?? null} />;
}
