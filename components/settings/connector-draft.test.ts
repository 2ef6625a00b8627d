import { describe, expect, it } from "vitest";
import type { ConnectorKindView, ConnectorView } from "#lib/contracts/connector";
import { typedValues } from "../forms/kind-values.ts";
import { draftOf, newDraft, wantsSecrets } from "./connector-draft.ts";

const field = { title: "T", description: "", choices: [], initial: null, required: false };
const form: ConnectorKindView = {
  kind: "x",
  label: "X",
  guide: "connector-x",
  settings: [
    { ...field, name: "url", input: "url", required: true },
    { ...field, name: "ca", input: "pem", initial: "" },
    { ...field, name: "count", input: "number", initial: 3 },
    { ...field, name: "on", input: "switch", initial: true },
  ],
  secrets: [{ ...field, name: "token", input: "text", required: true }],
  verbs: [],
};
const view = {
  kind: "x",
  name: "one",
  selector: "",
  trustDomainId: "d",
  settings: { url: "https://a.example", ca: "", count: 5, on: false },
} as unknown as ConnectorView;

describe("the form of a connector", () => {
  it("begins with what the kind proposes, and of an existing one with what it is set to, without secrets", () => {
    expect(newDraft(form)).toMatchObject({
      settings: { url: "", count: "3", on: true },
      secrets: { token: "" },
      withSecrets: true,
    });
    expect(draftOf(view, form)).toMatchObject({
      settings: { url: "https://a.example", count: "5", on: false },
      secrets: { token: "" },
      withSecrets: false,
    });
  });

  it("sends numbers as numbers, and nothing for what was left empty and may be", () => {
    expect(typedValues(form.settings, { url: "https://a.example", ca: "", count: "7", on: false })).toEqual({
      url: "https://a.example",
      count: 7,
      on: false,
    });
    expect(typedValues(form.secrets, { token: "" })).toEqual({ token: "" });
  });

  it("asks for the secrets when another system would be talked to", () => {
    const draft = draftOf(view, form);
    expect(wantsSecrets(draft, view, form)).toBe(false);
    const settings = { ...draft.settings, count: "9", on: true };
    expect(wantsSecrets({ ...draft, settings }, view, form)).toBe(false);
    const elsewhere = { ...draft.settings, url: "https://b.example" };
    expect(wantsSecrets({ ...draft, settings: elsewhere }, view, form)).toBe(true);
  });
});
