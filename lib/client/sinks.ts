/** Query options and calls of sinks. */
import { queryOptions } from "@tanstack/react-query";
import type {
  CreateSinkBody,
  DeadLetterList,
  SinkChanged,
  SinkList,
  SinkReplayed,
  SinkTested,
  UpdateSinkBody,
} from "#lib/contracts/sink";
import { getJson, sendJson, trust } from "./api.ts";
import { paths } from "./paths.ts";

export const sinkKeys = {
  all: ["sinks"] as const,
  list: () => [...sinkKeys.all, "list"] as const,
  letters: (id: string) => [...sinkKeys.all, "letters", id] as const,
};

/** How often where they stand is looked at again. */
const LOOK_AGAIN_MS = 5_000;

export const sinksOptions = () =>
  queryOptions({
    queryKey: sinkKeys.list(),
    queryFn: ({ signal }) => getJson(paths.api.sinks(), trust<SinkList>(), signal),
    refetchInterval: LOOK_AGAIN_MS,
  });

export const deadLettersOptions = (id: string) =>
  queryOptions({
    queryKey: sinkKeys.letters(id),
    queryFn: ({ signal }) => getJson(sink(id, "dead-letters"), trust<DeadLetterList>(), signal),
    refetchInterval: LOOK_AGAIN_MS,
  });

const { sink } = paths.api;

export const createSink = (body: CreateSinkBody) => sendJson(paths.api.sinks(), body, trust<SinkChanged>());
export const updateSink = (id: string, body: UpdateSinkBody) =>
  sendJson(sink(id), body, trust<SinkChanged>(), "PUT");
export const removeSink = (id: string) => sendJson(sink(id), {}, trust<SinkChanged>(), "DELETE");
export const testSink = (id: string) => sendJson(sink(id, "test"), {}, trust<SinkTested>());
export const replaySink = (id: string, after: number) =>
  sendJson(sink(id, "replay"), { after }, trust<SinkReplayed>());
/** @param seqs `null` = all of them */
export const replayDeadLetters = (id: string, seqs: number[] | null) =>
  sendJson(sink(id, "dead-letters/replay"), { seqs }, trust<unknown>());
