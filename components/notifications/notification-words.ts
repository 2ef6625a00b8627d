/** The words for what became of notifications, messages and channels. */
import type { ChannelView, DeliveryView, NotificationRow } from "#lib/contracts/notification";
import type { Severity } from "#lib/domain/notify/event";

type Tone = "neutral" | "accent" | "warn" | "danger";
type Words = { words: string; tone: Tone };

export const CHANNEL_STATES: Readonly<Record<ChannelView["state"], Words>> = {
  working: { words: "Working", tone: "accent" },
  failing: { words: "Failing", tone: "danger" },
  disabled: { words: "Disabled", tone: "warn" },
  untried: { words: "Not tried yet", tone: "neutral" },
};

export const NOTIFICATION_STATES: Readonly<Record<NotificationRow["state"], Words>> = {
  open: { words: "Open", tone: "danger" },
  told: { words: "Told", tone: "neutral" },
  acknowledged: { words: "Acknowledged", tone: "accent" },
  resolved: { words: "Resolved", tone: "neutral" },
};

export const DELIVERY_STATES: Readonly<Record<DeliveryView["state"], Words>> = {
  waiting: { words: "Waiting", tone: "warn" },
  sending: { words: "Sending", tone: "warn" },
  delivered: { words: "Delivered", tone: "accent" },
  given_up: { words: "Given up", tone: "danger" },
};

export const DELIVERY_VERBS: Readonly<Record<DeliveryView["verb"], string>> = {
  trigger: "News",
  acknowledge: "Acknowledgement",
  resolve: "End",
  test: "Test",
};

export const SEVERITY_TONES: Readonly<Record<Severity, Tone>> = {
  info: "neutral",
  warning: "warn",
  critical: "danger",
};

/** Names of routes from the root down. */
export const routeWords = (path: readonly string[]): string =>
  path.length === 0 ? "the root" : path.join(" › ");
