import { describe, expect, it } from "vitest";
import type { SinkView } from "#lib/contracts/sink";
import {
  createSinkBody,
  draftOfSink,
  newSinkDraft,
  type SinkKind,
  switchedSink,
  updateSinkBody,
} from "./sink-draft.ts";

const field = { description: "", choices: [], required: false, initial: "" };
const form: SinkKind = {
  kind: "syslog",
  label: "Syslog",
  words: "",
  settings: [
    { ...field, name: "host", title: "Host", type: "text", required: true },
    { ...field, name: "port", title: "Port", type: "number", initial: "6514" },
    { ...field, name: "ca", title: "CA", type: "pem" },
  ],
  secrets: [{ ...field, name: "key", title: "Key", type: "pem" }],
};
const view = {
  name: "soc",
  settings: { host: "a.example", port: 6_514, ca: "" },
  ocsfVersion: "1.9.0",
  facts: ["trust"],
  disabledAt: "2026-01-01T00:00:00.000Z",
} as unknown as SinkView;

describe("the form of a sink", () => {
  it("begins with what the kind proposes and everything that is told from now on", () => {
    const draft = newSinkDraft(form);
    const body = createSinkBody(
      { ...draft, name: "soc", settings: { ...draft.settings, host: "a.example" } },
      form,
    );
    expect(body).toEqual({
      kind: "syslog",
      name: "soc",
      settings: { host: "a.example", port: 6_514 },
      secrets: {},
      ocsfVersion: "1.8.0",
      facts: ["trust", "lifecycle", "drift", "incident", "control", "audit"],
      begin: "now",
    });
  });

  it("leaves stored secrets alone, and a sink that is off stays off", () => {
    expect(updateSinkBody({ ...draftOfSink(view, form), name: "new" }, form, view)).toEqual({
      name: "new",
      settings: { host: "a.example", port: 6_514 },
      secrets: null,
      ocsfVersion: "1.9.0",
      facts: ["trust"],
      enabled: false,
    });
  });

  it("gives the secrets anew when they would go somewhere else", () => {
    const draft = draftOfSink(view, form);
    const elsewhere = { ...draft, settings: { ...draft.settings, host: "b.example" } };
    expect(updateSinkBody(elsewhere, form, view).secrets).toEqual({});
    const port = { ...draft, settings: { ...draft.settings, port: "6515" } };
    expect(updateSinkBody(port, form, view).secrets).toEqual({});
  });

  it("turns a sink on or off and changes nothing else", () => {
    const { name, settings, ocsfVersion, facts } = view;
    expect(switchedSink(view, true)).toEqual({
      ...{ name, settings, ocsfVersion, facts },
      secrets: null,
      enabled: true,
    });
  });
});
