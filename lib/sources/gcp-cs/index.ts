/** Google Cloud Attestation: tokens of Confidential Space and of Confidential VMs. */
import { timesOf } from "#lib/sources/shared/claims";
import { tokenSource } from "#lib/sources/shared/token";
import { readGcpClaims, verdictOf } from "./verdict.ts";

const MINUTE_MS = 60_000;

/** A token is always issued; what it says about the machine decides. */
export const gcpCsSource = tokenSource({
  kind: "gcp-cs",
  label: "Google Confidential Space and Confidential VM",
  guide: "connect-gcp-cs",
  rawMediaType: "application/jwt",
  staleAfterMs: 90 * MINUTE_MS,
  read(payload) {
    const claims = readGcpClaims(payload);
    const times = timesOf(payload);
    const ids = [claims.submods.gce?.instance_id];
    return {
      times,
      known: [{ kind: "cloud_instance", name: "instance_id", values: ids }],
      verdictsAbout: (node) => [verdictOf(claims, times, node)],
    };
  },
});
