/** Telling of what holds remediation back: pauses that people make, and breakers of incidents. */
import type { PauseView } from "#lib/contracts/remediation";
import type { NewAnnouncement } from "#lib/services/notification/announce";

type Pause = { trustDomainId: string; id: string; scope: string; expiresAt: Date };

const HELD: Readonly<Record<PauseView["scope"], string>> = {
  all: "Every remediation",
  automatic: "Automatic containment",
};

const aboutPause = ({ trustDomainId, id, scope }: Pause) => ({
  trustDomainId,
  subject: id,
  labels: { scope },
  link: "/remediations",
});

/** @param by who made it */
export const pauseBegun = (pause: Pause & { reason: string }, by: string, at: Date): NewAnnouncement => ({
  kind: "pause.begun",
  ...aboutPause(pause),
  title: `${heldOf(pause)} is held back until ${pause.expiresAt.toISOString()}`,
  summary: `${by}: ${pause.reason}`,
  at,
});

/** @param why who ended it and why, or that its time is over. Another pause may hold still: only this one is over */
export const pauseEnded = (pause: Pause, why: string, at: Date): NewAnnouncement => ({
  kind: "pause.ended",
  ...aboutPause(pause),
  title: `A pause is over: ${heldOf(pause).toLowerCase()}`,
  summary: why,
  at,
});

const heldOf = ({ scope }: Pause) => HELD[scope as PauseView["scope"]];

type Breaker = { trustDomainId: string; id: string; title: string };

const aboutBreaker = ({ trustDomainId, id }: Breaker) => ({
  trustDomainId,
  subject: id,
  labels: { scope: "automatic", breaker: "true" },
  link: `/incidents/${id}`,
});

/** @param incident the one whose breaker goes on */
export const breakerOn = (incident: Breaker, at: Date): NewAnnouncement => ({
  kind: "pause.begun",
  ...aboutBreaker(incident),
  title: `${HELD.automatic} is held back until an incident is resolved`,
  summary: incident.title,
  at,
});

/** @param incident the one that is resolved */
export const breakerOff = (incident: Breaker, at: Date): NewAnnouncement => ({
  kind: "pause.ended",
  ...aboutBreaker(incident),
  title: "The breaker of an incident is off",
  summary: incident.title,
  at,
});
