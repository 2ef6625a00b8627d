/** FedRAMP 20x Key Security Indicators that measures speak to. */
import { type ControlRow, controlsOf, type Framework } from "./control.ts";

const ROWS: readonly ControlRow[] = [
  ["AFR-PVA", "Validate continuously and keep it so", ["M01"], "Validation of what is no node."],
  ["CMT-LMC", "Log and watch changes", ["M09"], "Changes that nothing measures."],
  ["CMT-RMV", "Replace rather than patch in place", ["M25"], "How deployments are made."],
  ["CMT-RVP", "Follow a reviewed procedure for changes", ["M10", "M13"], "The procedure itself."],
  ["CNA-EIS", "Enforce the intended state", ["M02", "M11"], "State that nothing measures."],
  [
    "IAM-ELP",
    "Grant least privilege",
    ["M21"],
    "Privileges elsewhere. Whether a confirmed role is the least that would do.",
  ],
  ["IAM-JIT", "Grant rights just in time", ["M13"], "Rights elsewhere."],
  ["IAM-SNU", "Authenticate what is no user", ["M14", "M15"], "Services that are no nodes."],
  ["INR-AAR", "Learn from incidents", ["M23"], "Incidents of other kinds."],
  ["INR-RPI", "Review past incidents and find patterns", ["M12", "M23"], "Incidents of other kinds."],
  ["MLA-ALA", "Limit access to logs", ["M21"], "Logs of other systems."],
  ["MLA-EVC", "Evaluate configuration", ["M07", "M08"], "Configuration that nothing measures."],
  ["MLA-LET", "Know and log the events that matter", ["M03", "M19"], "Events of other systems."],
  ["MLA-OSM", "Keep logs central and tamper-resistant", ["M18", "M20"], "Logs of other systems."],
  ["MLA-RVL", "Review logs", ["M20"], "The review itself."],
  ["PIY-GIV", "Generate inventories automatically", ["M16"], "Resources that are no nodes."],
  ["RPL-TRC", "Test recovery", ["M12", "M25"], "Recovery of data."],
  ["SCR-MIT", "Mitigate supply chain risk", ["M15", "M22"], "Suppliers themselves."],
  ["SVC-ACM", "Manage configuration automatically", ["M07"], "How configuration is applied."],
  ["SVC-ASM", "Manage secrets automatically", ["M17"], "Secrets that are no keys of sources."],
  ["SVC-VCM", "Validate communication between machines", ["M24"], "Traffic that is no evidence."],
  [
    "SVC-VRI",
    "Validate the integrity of resources",
    ["M01", "M02", "M04", "M05", "M06"],
    "Resources that are no nodes.",
  ],
];

export const FEDRAMP_KSI: Framework = {
  id: "fedramp-20x-ksi",
  title: "FedRAMP 20x KSI",
  edition: "2026",
  caution: null,
  controls: controlsOf(ROWS),
};
