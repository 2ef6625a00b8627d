/** What B33 asks: the listener with admission, or the same listener answering a constant. */
import { openDb } from "#db/client";
import type { Actor } from "#lib/domain/access";
import type { IngestHandler } from "#lib/ingest/http";
import { rememberCallers } from "#lib/server/admission/callers";
import { followAdmission } from "#lib/server/admission/follow";
import { admissionHandler } from "#lib/server/admission/handler";
import { recordAdmissions } from "#lib/server/admission/record";
import { startIngestListener } from "#lib/server/ingest-listener";

const [mode = "", url = "", trustDomainId = ""] = process.argv.slice(2);

const constant: IngestHandler = async () => ({
  status: 200,
  headers: { "content-type": "application/json" },
  body: '{"decision":"allow"}',
});

/** As in the product, but for who is asked about the key. */
async function admission(): Promise<IngestHandler> {
  const db = openDb(url, 4);
  const actor: Actor = { kind: "system", id: "bench", trustDomainIds: [trustDomainId] };
  const callerOf = rememberCallers(
    async () => actor,
    () => Date.now(),
  );
  const follower = followAdmission(
    db,
    () => Date.now(),
    (error) => console.error(error),
  );
  const recorder = recordAdmissions(db, (_, message) => console.error(message));
  await follower.look();
  return admissionHandler({
    callerOf: ({ authorization }) => callerOf(authorization ?? ""),
    countStranger: async () => {},
    stepCaWebhook: async () => null,
    follower: () => follower,
    recorder: () => recorder,
    now: () => Date.now(),
    report: (error) => console.error(error),
  });
}

const handler = mode === "constant" ? constant : await admission();
const hostsOf = (bound: number) => new Set([`127.0.0.1:${bound}`]);
const options = { host: "127.0.0.1", port: 0, sharePort: false, hostsOf, handler, admission: handler };
process.send?.({ port: (await startIngestListener(options)).port });
process.on("SIGTERM", () => process.exit(0));
process.on("disconnect", () => process.exit(0));
