/** Admission, put together for this process. */
import "server-only";
import type { IngestHandler } from "#lib/ingest/http";
import { connectorTools } from "../connectors.ts";
import { ADDRESS_HEADER, actorOf } from "../context.ts";
import { countStranger } from "../http/rate-limit.ts";
import { log } from "../log.ts";
import { closers, database } from "../runtime.ts";
import { shared } from "../shared.ts";
import { rememberCallers } from "./callers.ts";
import { type AdmissionFollower, followAdmission } from "./follow.ts";
import { admissionHandler } from "./handler.ts";
import { type AdmissionRecorder, recordAdmissions } from "./record.ts";
import { stepCaWebhook } from "./step-ca-webhook.ts";

/** Opening a webhook's secret asks nobody outside. Milliseconds. */
const LOOK_UP_MS = 5_000;

/** Handler of the admission endpoints. Nodes are read into memory once somebody who may ask has asked. */
export function admission(): IngestHandler {
  return shared("admission", () => {
    const remembered = rememberCallers(
      (authorization) => actorOf(new Headers({ authorization })),
      () => Date.now(),
    );
    const webhooks = rememberCallers(
      (id) => {
        const bounds = { now: () => new Date(), signal: AbortSignal.timeout(LOOK_UP_MS) };
        return stepCaWebhook(database(), connectorTools(), id, bounds);
      },
      () => Date.now(),
    );
    return admissionHandler({
      callerOf: ({ authorization, cookie }) =>
        authorization === undefined
          ? actorOf(new Headers(cookie === undefined ? {} : { cookie }))
          : remembered(authorization),
      countStranger: (headers) => countStranger(headers[ADDRESS_HEADER] ?? null),
      stepCaWebhook: webhooks,
      follower: admissionFollower,
      recorder: admissionRecorder,
      now: () => Date.now(),
      report: (err, requestId) => log().error({ err, requestId }, "admission failed"),
    });
  });
}

/** What answers of this process rest on. */
export function admissionFollower(): AdmissionFollower {
  return shared("admission-follower", () => {
    const report = (err: unknown) => log().warn({ err }, "admission could not look for changes");
    const own = followAdmission(database(), () => Date.now(), report);
    closers().add(own.stop);
    return own;
  });
}

/** Where this process records whom it turned away. */
export function admissionRecorder(): AdmissionRecorder {
  return shared("admission-recorder", () => {
    const own = recordAdmissions(database(), (err, message) => log().warn({ err }, message));
    closers().add(own.stop);
    return own;
  });
}
