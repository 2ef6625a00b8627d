/** ISO/IEC 27001:2022, annex A: the controls that measures speak to. */
import { type ControlRow, controlsOf, type Framework } from "./control.ts";

const ROWS: readonly ControlRow[] = [
  ["5.3", "Keep duties apart", ["M13"], "Duties outside of this product."],
  ["5.9", "Keep an inventory of assets", ["M16"], "Assets that are no nodes."],
  ["5.16", "Manage identities", ["M14", "M15"], "Identities of people."],
  [
    "5.18",
    "Grant and review access rights",
    ["M21"],
    "Rights elsewhere, and roles that neither approve nor administer.",
  ],
  ["5.21", "Manage security in the supply chain", ["M15", "M22"], "Suppliers themselves."],
  ["5.25", "Judge security events", ["M08"], "The judgement itself."],
  ["5.26", "Respond to incidents", ["M11", "M12"], "Incidents of other kinds."],
  ["5.27", "Learn from incidents", ["M23"], "Incidents of other kinds."],
  ["5.28", "Collect evidence", ["M18"], "Evidence of other systems."],
  ["5.30", "Be ready for continuity", ["M25"], "Plans, and systems that are no nodes."],
  ["5.33", "Protect records", ["M18"], "Records of other systems."],
  ["5.36", "Comply with policies", ["M10"], "Policies that nothing measures."],
  ["5.37", "Document operating procedures", ["M07"], "Procedures themselves."],
  ["8.2", "Restrict privileged access", ["M13", "M21"], "Privileges elsewhere."],
  ["8.5", "Authenticate securely", ["M14"], "Authentication of people."],
  ["8.7", "Protect against malware", ["M06"], "Scanning for malware."],
  ["8.9", "Manage configuration", ["M04", "M05", "M07"], "Configuration that nothing measures."],
  ["8.15", "Log what happens", ["M18", "M19", "M20"], "Logs of other systems."],
  ["8.16", "Monitor systems", ["M01", "M02", "M03", "M08"], "Network and behaviour."],
  ["8.17", "Keep clocks in step", ["M24"], "Clocks of machines that report nothing."],
  ["8.19", "Control what is installed", ["M04", "M06"], "Installation that nothing measures."],
  ["8.24", "Use cryptography by rules", ["M17", "M24"], "Keys that are no keys of sources."],
  ["8.32", "Manage changes", ["M09", "M10"], "The decision process before a change."],
];

export const ISO_27001: Framework = {
  id: "iso-27001-2022",
  title: "ISO/IEC 27001",
  edition: "2022, annex A",
  caution: null,
  controls: controlsOf(ROWS),
};
