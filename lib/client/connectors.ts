/** Query options and calls of connectors. */
import { queryOptions } from "@tanstack/react-query";
import type {
  ChangeConnectorBody,
  ConnectorList,
  ConnectorTestView,
  ConnectorView,
  CreateConnectorBody,
} from "#lib/contracts/connector";
import { getJson, sendJson, trust } from "./api.ts";
import { paths } from "./paths.ts";

export const connectorKeys = { all: ["connectors"] as const };

export const connectorsOptions = () =>
  queryOptions({
    queryKey: connectorKeys.all,
    queryFn: ({ signal }) => getJson(paths.api.connectors(), trust<ConnectorList>(), signal),
  });

const nothing = trust<undefined>();
const { connector } = paths.api;

export const createConnector = (body: CreateConnectorBody) =>
  sendJson(paths.api.connectors(), body, trust<ConnectorView>());
export const changeConnector = (id: string, body: ChangeConnectorBody) =>
  sendJson(connector(id), body, trust<ConnectorView>(), "PATCH");
export const setConnectorDisabled = (id: string, disabled: boolean) =>
  sendJson(connector(id, disabled ? "disable" : "enable"), {}, nothing);
export const testConnector = (id: string) => sendJson(connector(id, "test"), {}, trust<ConnectorTestView>());
export const removeConnector = (id: string) => sendJson(connector(id), {}, nothing, "DELETE");
