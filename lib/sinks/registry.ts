/** Every kind of sink there is. A new one is one folder and one line here. */
import type { Sink } from "./contract.ts";
import { ndjsonSink } from "./ndjson/index.ts";
import { otlpSink } from "./otlp/index.ts";
import { splunkHecSink } from "./splunk-hec/index.ts";
import { syslogSink } from "./syslog/index.ts";
import { webhookSink } from "./webhook/index.ts";

export const SINKS: readonly Sink[] = [ndjsonSink, otlpSink, splunkHecSink, syslogSink, webhookSink];
