/** Every kind of channel there is. A new one is a folder and a line here. */
import type { Channel } from "./contract.ts";
import { email } from "./email/index.ts";
import { jira } from "./jira/index.ts";
import { pagerduty } from "./pagerduty/index.ts";
import { servicenow } from "./servicenow/index.ts";
import { slack } from "./slack/index.ts";
import { teams } from "./teams/index.ts";
import { webhook } from "./webhook/index.ts";

export const CHANNELS: readonly Channel[] = [webhook, slack, teams, pagerduty, jira, servicenow, email].map(
  (channel) => channel as Channel,
);
