/**
 * step-ca: asks before it signs, and is told no for nodes that are shut out.
 *
 * Nothing is sent and no step is done: a contained node is denied because it is contained, from the moment on and for
 * as long as it is. What a connector holds here is the webhook's secret. The answers are admission's.
 */
import { z } from "zod";
import { connectorOf, must, note } from "#lib/connectors/shared/verbs";

const Settings = z.strictObject({
  strangers: z.enum(["pass", "rule"]).default("pass").meta({
    title: "Names that no node has",
    description:
      "pass = other certificates are none of our business; rule = as the admission rule says for unknown nodes.",
  }),
});
const Secrets = z.strictObject({
  signing: z
    .string()
    .max(1_024)
    .regex(/^[A-Za-z0-9+/]{32,}={0,2}$/, "must be base64 of 24 bytes or more")
    .meta({ title: "Webhook secret", description: "As step-ca shows it when the webhook is added." }),
});
export type StepCaSettings = z.output<typeof Settings>;
export type StepCaSecrets = z.output<typeof Secrets>;

export const stepCaConnector = connectorOf<StepCaSettings, StepCaSecrets>({
  kind: "step-ca",
  label: "step-ca",
  guide: "connector-step-ca",
  settings: Settings,
  secrets: Secrets,
  test: async ({ callbackUrl }) => [
    must("It has a secret", true, "which is checked with every question"),
    note(
      "Where step-ca asks",
      callbackUrl !== null,
      callbackUrl?.replace(/connectors\/([^/]+)\/callbacks$/, "admission/step-ca/$1") ??
        "TOUCHSTONE_URL is not set",
    ),
  ],
  targetOf: ({ nodeId, name }) => ({ ref: nodeId, words: name, uid: null }),
  verbs: {},
});
