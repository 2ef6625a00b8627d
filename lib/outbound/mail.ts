/** The way out for mail: to judged addresses only, encrypted unless the installation opens the server by name. */
import { createTransport } from "nodemailer";
import type { Mail, MailSend } from "#lib/domain/notify/mail";
import { OutboundError } from "#lib/domain/outbound";
import type { Allowed } from "./address.ts";
import { judge, type Lookup } from "./judge.ts";

const TIMEOUT_MS = 15_000;

/** @param allowed destinations that the installation opens beside the public internet */
export function mailTo(allowed: Allowed, lookup?: Lookup): MailSend {
  return async (mail, signal) => {
    signal.throwIfAborted();
    const host = mail.host.replace(/\.$/, "").toLowerCase();
    const { addresses, opened } = await judge(host, allowed, lookup).catch((cause: unknown) => {
      if (cause instanceof OutboundError) throw cause;
      throw new OutboundError("unreachable", `${host} has no address`, cause);
    });
    if (mail.security === "plain" && !opened)
      throw new OutboundError("refused", `${host} may only be given mail over TLS`);
    const [first] = addresses;
    if (!first) throw new OutboundError("unreachable", `${host} has no address`);
    await deliver(mail, { host, address: first.address }, signal);
  };
}

/** The address that was judged is connected to, whatever the name stands for a moment later. */
async function deliver(
  mail: Mail,
  { host, address }: { host: string; address: string },
  signal: AbortSignal,
) {
  const transport = createTransport({
    host: address,
    port: mail.port,
    secure: mail.security === "tls",
    requireTLS: mail.security === "starttls",
    ignoreTLS: mail.security === "plain",
    tls: { servername: host, ...(mail.ca === null ? {} : { ca: mail.ca }) },
    ...(mail.login ? { auth: { user: mail.login.user, pass: mail.login.password } } : {}),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    // Whatever stands in a mail is text: nothing is read from files or fetched.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const stop = () => transport.close();
  signal.addEventListener("abort", stop, { once: true });
  try {
    await transport.sendMail({
      from: mail.from,
      to: [...mail.to],
      subject: mail.subject,
      text: mail.text,
      messageId: `<${mail.messageId}>`,
      headers: { "Auto-Submitted": "auto-generated" },
    });
  } catch (cause) {
    signal.throwIfAborted();
    const { code = "no answer", responseCode } = cause as { code?: string; responseCode?: number };
    const said = responseCode === undefined ? code : `${code} ${responseCode}`;
    throw new OutboundError("unreachable", `The mail server ${host} did not take it: ${said}`, cause);
  } finally {
    signal.removeEventListener("abort", stop);
    transport.close();
  }
}
