/** Asking a Kubernetes API server which rights we have. */
import { z } from "zod";
import type { Check } from "#lib/connectors/contract";
import { read } from "./http.ts";
import type { accessReview, Kube } from "./kubernetes.ts";
import { must } from "./verbs.ts";

const Reviewed = z.object({ status: z.object({ allowed: z.boolean() }) });

/**
 * One check per right. A review is a POST that stores nothing; it is sent as a rehearsal all the same, so
 * that no preview needs an exception.
 */
export async function reviewAccess(
  kube: Kube,
  rights: readonly ReturnType<typeof accessReview>[],
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const body of rights) {
    const { verb, group, resource, subresource } = body.spec.resourceAttributes;
    const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    const { status } = read(Reviewed, await kube.send("POST", path, { body, dryRun: true }), `POST ${path}`);
    const name = `${verb} ${[resource, subresource].filter(Boolean).join("/")}${group && `.${group}`}`;
    checks.push(must(name, status.allowed, status.allowed ? "allowed" : "the role does not grant it"));
  }
  return checks;
}
