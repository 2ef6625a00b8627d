import type { BootstrapOutcome } from "#lib/domain/bootstrap-event";

/** Sign of an event's outcome on a 12 px grid; each outline is its own, so colour is never alone. */
export function EventGlyphPath({ outcome }: { outcome: BootstrapOutcome }) {
  switch (outcome) {
    case "success":
      return (
        <>
          <circle cx="6" cy="6" r="5" fill="var(--fg-muted)" />
          <path d="m3.7 6.2 1.6 1.6 3-3.4" stroke="var(--bg)" strokeWidth="1.4" fill="none" />
        </>
      );
    case "failure":
      return (
        <>
          <path d="M3.8.8h4.4l3 3v4.4l-3 3H3.8l-3-3V3.8Z" fill="var(--danger)" />
          <path d="m4 4 4 4m0-4-4 4" stroke="var(--on-danger)" strokeWidth="1.5" />
        </>
      );
    case "denied":
      return (
        <>
          <rect x="1" y="1" width="10" height="10" rx="1" fill="var(--danger)" />
          <path d="M3.4 6h5.2" stroke="var(--on-danger)" strokeWidth="1.8" />
        </>
      );
    case "pending":
      return (
        <circle
          cx="6"
          cy="6"
          r="4.4"
          fill="var(--bg)"
          stroke="var(--fg-muted)"
          strokeWidth="1.5"
          strokeDasharray="2.4 1.6"
        />
      );
    case "info":
      return (
        <path d="m6 .9 5.1 5.1L6 11.1.9 6Z" fill="var(--bg)" stroke="var(--fg-muted)" strokeWidth="1.4" />
      );
  }
}

/** The sign beside its word; the word must stand next to it. */
export function EventGlyph({ outcome, size = 12 }: { outcome: BootstrapOutcome; size?: number }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 12 12" width={size} height={size} className="shrink-0">
      <EventGlyphPath outcome={outcome} />
    </svg>
  );
}
