/** Mail to a list of people, over SMTP. Plain text: nothing in it is markup. */
import { z } from "zod";
import { OutboundError } from "#lib/domain/outbound";
import { type Channel, ChannelError } from "#lib/notify/contract";
import { cut, linesOf, titleOf } from "#lib/notify/shared/words";

const MAILBOX = /^[^\s@<>,;:"'()[\]\\]{1,64}@[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i;

const Settings = z.strictObject({
  host: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9.:-]{0,251}[a-z0-9])?$/i, "must be a host name or an address")
    .meta({ title: "Mail server" }),
  port: z.coerce.number().pipe(z.int().min(1).max(65_535)).default(587).meta({ title: "Port" }),
  security: z
    .enum(["starttls", "tls", "plain"])
    .default("starttls")
    .meta({ title: "Encryption", description: "plain only reaches servers that the installation opens" }),
  user: z.string().max(300).default("").meta({ title: "User", description: "Empty = without signing in" }),
  from: z.string().regex(MAILBOX, "must be a mail address").meta({ title: "From" }),
  to: z
    .string()
    .max(2_000)
    .refine((text) => {
      const list = text.split(/[\s,;]+/).filter(Boolean);
      return list.length >= 1 && list.length <= 20 && list.every((one) => MAILBOX.test(one));
    }, "must be one to twenty mail addresses")
    .meta({ title: "To", description: "One to twenty addresses, separated by commas" }),
});
const Secrets = z.strictObject({
  password: z
    .string()
    .max(1_000)
    .default("")
    .meta({ title: "Password", description: "Empty = without signing in" }),
});

export const email: Channel<z.output<typeof Settings>, z.output<typeof Secrets>> = {
  kind: "email",
  label: "E-mail",
  settings: Settings,
  secrets: Secrets,
  verbs: ["trigger", "resolve", "test"],
  async send(ctx, message) {
    const { host, port, security, user, from, to } = ctx.settings;
    const domain = from.slice(from.indexOf("@") + 1);
    try {
      await ctx.mail(
        {
          host,
          port,
          security,
          login: user === "" ? null : { user, password: ctx.secrets.password },
          from,
          to: to.split(/[\s,;]+/).filter(Boolean),
          subject: cut(`[Touchstone] ${titleOf(message)}`, 200),
          text: `${[...linesOf(message), "", message.url].join("\n")}\n`,
          messageId: `${message.id}@${domain}`,
          ca: null,
        },
        ctx.signal,
      );
    } catch (cause) {
      if (cause instanceof OutboundError) throw new ChannelError(cause.message, { cause });
      throw cause;
    }
    return { status: null, ref: null };
  },
};
