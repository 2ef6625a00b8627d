/** A mail that leaves this machine: the one shape of it. */

export type Mail = {
  host: string;
  port: number;
  /** `tls` from the first byte on, `starttls` before anything is said, `plain` only where the installation allows it. */
  security: "tls" | "starttls" | "plain";
  /** `null` = the server wants none. */
  login: { user: string; password: string } | null;
  from: string;
  to: readonly string[];
  subject: string;
  text: string;
  /** Without angle brackets. */
  messageId: string;
  /** PEM; `null` = the authorities of the system. */
  ca: string | null;
};

/** @throws {OutboundError}; the signal's reason when it was aborted */
export type MailSend = (mail: Mail, signal: AbortSignal) => Promise<void>;
