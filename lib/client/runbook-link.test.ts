import { expect, it } from "vitest";
import { pathOfLink } from "./runbook-link.ts";

it.each([
  ["storm.md", "/runbooks/storm"],
  ["./storm.md", "/runbooks/storm"],
  ["/nodes?q=a", "/nodes?q=a"],
])("%s stays in the product", (href, path) => {
  expect(pathOfLink(href)).toBe(path);
});

it.each([
  "//evil.example",
  "/\\evil.example",
  "https://a.example/storm.md",
  "../problems/a.md",
  "",
  "javascript:x",
])("%j leads out of it", (href) => {
  expect(pathOfLink(href)).toBeNull();
});
