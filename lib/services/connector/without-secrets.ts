/** A second wall: what a connector says never holds one of its secrets, whatever the other side echoes. */
import {
  type Check,
  type Connector,
  type ConnectorContext,
  ConnectorError,
  type Incoming,
  type Received,
  type Target,
} from "#lib/connectors/contract";

/** Shorter texts stand in ordinary words. */
const MIN_CHARS = 8;
const MARK = "[secret]";

/** The same connector with every secret cut out of what it answers and of what it throws. */
export function withoutSecrets(connector: Connector, secrets: unknown): Connector {
  const cut = cutter(secrets);
  const said = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return cut(await answer);
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      const { kind, retry, cause } = error;
      throw new ConnectorError(kind, cut(error.message), { retry, cause });
    }
  };
  return {
    ...connector,
    test: (ctx: ConnectorContext): Promise<readonly Check[]> => said(connector.test(ctx)),
    preview: (ctx, target, verb) => said(connector.preview(ctx, target, verb)),
    ...(connector.workloads && {
      workloads: (ctx: ConnectorContext, target: Target) => said(workloadsOf(connector, ctx, target)),
    }),
    start: (ctx, target, verb, key) => said(connector.start(ctx, target, verb, key)),
    observe: (ctx, target, verb, key) => said(connector.observe(ctx, target, verb, key)),
    abort: (ctx, target, verb, key) => said(connector.abort(ctx, target, verb, key)),
    ...(connector.receive && {
      receive: (ctx: ConnectorContext, message: Incoming) => said(receive(connector, ctx, message)),
    }),
  };
}

/** @throws {ConnectorError} `refused` for a kind that is told nothing */
export function receive(connector: Connector, ctx: ConnectorContext, message: Incoming): Promise<Received> {
  return connector.receive
    ? connector.receive(ctx, message)
    : Promise.reject(new ConnectorError("refused", `${connector.label} reports nothing by itself`));
}

/** Nothing for a kind that cannot say. */
const workloadsOf = async (connector: Connector, ctx: ConnectorContext, target: Target) =>
  (await connector.workloads?.(ctx, target)) ?? [];

function cutter(secrets: unknown): <T>(value: T) => T {
  const texts = Object.values(secrets ?? {}).filter(
    (text): text is string => typeof text === "string" && text.length >= MIN_CHARS,
  );
  const inText = (text: string) => texts.reduce((rest, secret) => rest.replaceAll(secret, MARK), text);
  const inValue = (value: unknown): unknown => {
    if (typeof value === "string") return inText(value);
    if (Array.isArray(value)) return value.map(inValue);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [inText(name), inValue(item)]));
  };
  return <T>(value: T) => inValue(value) as T;
}
