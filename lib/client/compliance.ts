/** Query options and calls of compliance. A period names the key and not its instants: it moves on with time. */
import { queryOptions } from "@tanstack/react-query";
import type { MeasureDetail, MeasureList } from "#lib/contracts/compliance";
import type {
  AddNoteBody,
  ControlDetail,
  ControlList,
  FrameworkList,
  NoteAdded,
  NoteEnded,
} from "#lib/contracts/control";
import { getJson, sendJson, trust } from "./api.ts";
import { paths } from "./paths.ts";
import { boundsOf } from "./period.ts";

/** Which period by its name, and which nodes by their labels. */
export type Asked = { period: string; q: string };

export const complianceKeys = {
  all: ["compliance"] as const,
  frameworks: () => [...complianceKeys.all, "frameworks"] as const,
  controls: (framework: string, asked: Asked) =>
    [...complianceKeys.all, "controls", framework, asked] as const,
  control: (framework: string, control: string, asked: Asked) =>
    [...complianceKeys.all, "control", framework, control, asked] as const,
  measures: (asked: Asked) => [...complianceKeys.all, "measures", asked] as const,
  measure: (id: string, asked: Asked) => [...complianceKeys.all, "measure", id, asked] as const,
};

/** What to ask the API for. */
export const periodParams = ({ period, q }: Asked) => ({ ...boundsOf(period, Date.now()), q });

export const frameworkListOptions = () =>
  queryOptions({
    queryKey: complianceKeys.frameworks(),
    queryFn: ({ signal }) => getJson(paths.api.complianceFrameworks(), trust<FrameworkList>(), signal),
  });

export const controlListOptions = (framework: string, asked: Asked) =>
  queryOptions({
    queryKey: complianceKeys.controls(framework, asked),
    queryFn: ({ signal }) =>
      getJson(paths.api.complianceControls(framework, periodParams(asked)), trust<ControlList>(), signal),
  });

export const controlOptions = (framework: string, control: string, asked: Asked) =>
  queryOptions({
    queryKey: complianceKeys.control(framework, control, asked),
    queryFn: ({ signal }) =>
      getJson(
        paths.api.complianceControl(framework, control, periodParams(asked)),
        trust<ControlDetail>(),
        signal,
      ),
  });

export const measureListOptions = (asked: Asked) =>
  queryOptions({
    queryKey: complianceKeys.measures(asked),
    queryFn: ({ signal }) =>
      getJson(paths.api.complianceMeasures(periodParams(asked)), trust<MeasureList>(), signal),
  });

export const measureOptions = (id: string, asked: Asked) =>
  queryOptions({
    queryKey: complianceKeys.measure(id, asked),
    queryFn: ({ signal }) =>
      getJson(paths.api.complianceMeasure(id, periodParams(asked)), trust<MeasureDetail>(), signal),
  });

export const addNote = (framework: string, body: AddNoteBody) =>
  sendJson(paths.api.complianceNotes(framework), body, trust<NoteAdded>());

export const endNote = (id: string, body: { reason: string }) =>
  sendJson(paths.api.complianceNoteEnd(id), body, trust<NoteEnded>());
