/** Somebody who is told things: takes only what the package `standardwebhooks` finds to be signed. */
import { Webhook } from "standardwebhooks";
import { type HttpStub, startHttp } from "./http.ts";

type Told = {
  type: string;
  data: { title: string; by: string | null; comment: string | null; events: { kind: string }[] };
};

export type NotificationReceiver = Pick<HttpStub, "url" | "close"> & {
  /** What it took, in the order of its coming. */
  arrived: { id: string | undefined; message: Told }[];
  /** The verbs of what it took. */
  verbs: () => string[];
};

export async function startNotificationReceiver(secret: string): Promise<NotificationReceiver> {
  const arrived: NotificationReceiver["arrived"] = [];
  const { url, close } = await startHttp(({ headers, body }) => {
    try {
      const message = new Webhook(secret).verify(body, headers as Record<string, string>) as Told;
      arrived.push({ id: headers["webhook-id"], message });
      return { body: {} };
    } catch {
      return { status: 401, body: {} };
    }
  });
  const verbs = () => arrived.map(({ message }) => message.type.replace("touchstone.notification.", ""));
  return { url, close, arrived, verbs };
}
