import { describe, expect, it } from "vitest";
import { filledValues, initialValues, type KindField, leadsElsewhere, typedValues } from "./kind-values.ts";

const field = { title: "T", description: "", choices: [], initial: null, required: false };
const fields: KindField[] = [
  { ...field, name: "url", input: "url", required: true },
  { ...field, name: "port", input: "number", initial: 587 },
  { ...field, name: "on", input: "switch", initial: true },
  { ...field, name: "user", input: "text" },
];

describe("a form that a kind describes", () => {
  it("begins with what the kind proposes, and keeps what is set", () => {
    expect(initialValues(fields)).toEqual({ url: "", port: "587", on: true, user: "" });
    expect(filledValues(fields, { url: "https://a.example", on: false })).toEqual({
      url: "https://a.example",
      port: "587",
      on: false,
      user: "",
    });
  });

  it("sends what is required although it is empty, so that the server says what is missing", () => {
    expect(typedValues(fields, initialValues(fields))).toEqual({ url: "", port: 587, on: true });
  });

  it("knows that secrets would go somewhere else, by each setting that says where", () => {
    const settings = { url: "https://a.example", host: "h", port: 25, security: "tls", ca: "" };
    const values = { url: "https://a.example", host: "h", port: "25", security: "tls", ca: "" };
    expect(leadsElsewhere({ ...values, user: "someone" }, settings)).toBe(false);
    for (const name of ["url", "host", "port", "security", "ca"])
      expect(leadsElsewhere({ ...values, [name]: "9" }, settings), name).toBe(true);
  });
});
