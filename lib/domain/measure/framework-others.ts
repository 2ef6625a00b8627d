/** Frameworks of which a few clauses speak about the integrity of machines. */
import { type ControlRow, controlsOf, type Framework } from "./control.ts";

/** The numbers were put down from memory. */
const UNCHECKED =
  "The clause numbers have not been held against the published text. Check them before you rely on them.";

const PCI: readonly ControlRow[] = [
  [
    "2.2.1",
    "Apply configuration standards",
    ["M04", "M05", "M07", "M14"],
    "Standards that no baseline names.",
  ],
  ["3.7", "Manage cryptographic keys", ["M17"], "Keys that protect account data."],
  ["6.3.2", "Know the software components", ["M22"], "The inventory of components itself."],
  ["6.5.1", "Change by procedure", ["M07", "M09", "M10", "M13"], "The procedure itself."],
  ["7.2.4", "Review access", ["M21"], "Access elsewhere, and roles that neither approve nor administer."],
  ["10.2.1", "Log what matters", ["M19"], "Logs of other systems."],
  ["10.3.2", "Protect logs from change", ["M18"], "Logs of other systems."],
  ["10.3.4", "Detect changes of logs", ["M06", "M18"], "Logs of other systems."],
  [
    "10.5.1",
    "Keep logs for twelve months",
    ["M20"],
    "Logs of other systems. Audit entries are never deleted here; M20 measures that they leave in time.",
  ],
  ["10.6", "Keep clocks in step", ["M24"], "Clocks of machines that report nothing."],
  ["10.7.2", "Notice when security controls fail", ["M03"], "Controls that are no sources."],
  [
    "11.5.2",
    "Detect changes of critical files",
    ["M01", "M02", "M04", "M06", "M08", "M09"],
    "Files that nothing measures.",
  ],
  ["12.5.1", "Keep an inventory", ["M15", "M16"], "Components that are no nodes."],
  ["12.10.1", "Be ready to respond", ["M12"], "The plan itself."],
  ["12.10.2", "Rehearse the response", ["M25"], "The yearly review of the plan."],
  ["12.10.5", "Respond to alerts", ["M11"], "Alerts of other systems."],
  ["12.10.6", "Improve after incidents", ["M23"], "The plan itself."],
];

const SOC2: readonly ControlRow[] = [
  ["CC6.1", "Restrict logical access", ["M14", "M15", "M16", "M17"], "Access of people elsewhere."],
  [
    "CC6.2",
    "Register and remove users",
    ["M21"],
    "Users elsewhere. How fast somebody who leaves is removed.",
  ],
  [
    "CC6.3",
    "Grant access by role",
    ["M13", "M21"],
    "Access elsewhere, and roles that neither approve nor administer.",
  ],
  ["CC6.6", "Protect against outsiders", ["M14"], "Network boundaries."],
  ["CC6.7", "Protect information in transit", ["M24"], "Traffic that is no evidence."],
  ["CC6.8", "Prevent and detect unauthorized software", ["M04", "M06"], "Software that nothing measures."],
  ["CC7.1", "Detect changes of configuration", ["M01", "M02", "M05", "M09"], "Vulnerability scanning."],
  [
    "CC7.2",
    "Monitor for anomalies",
    ["M01", "M03", "M08", "M18", "M19", "M20"],
    "Anomalies that no verifier sees.",
  ],
  ["CC7.3", "Evaluate events", ["M23"], "The evaluation itself."],
  ["CC7.4", "Respond to incidents", ["M11", "M12", "M23"], "Incidents of other kinds."],
  ["CC7.5", "Recover from incidents", ["M12", "M23", "M25"], "Recovery of data."],
  [
    "CC8.1",
    "Authorize and control changes",
    ["M07", "M09", "M10", "M13"],
    "The decision process before a change.",
  ],
  ["CC9.2", "Manage vendor risk", ["M22"], "Vendors themselves."],
  ["A1.3", "Test recovery", ["M25"], "Recovery of data."],
];

const CIS: readonly ControlRow[] = [
  ["1.1", "Keep an inventory of assets", ["M16"], "Assets that are no nodes."],
  ["1.2", "Deal with assets that should not be there", ["M16"], "Machines that never contact any source."],
  ["4.1", "Configure securely by a process", ["M07"], "The process itself."],
  ["5", "Manage accounts", ["M21"], "Accounts elsewhere, and accounts that nobody uses."],
  ["6", "Manage access", ["M21"], "Access elsewhere, and roles that neither approve nor administer."],
  ["8.5", "Log in detail", ["M19"], "Logs of other systems."],
  ["8.9", "Collect logs in one place", ["M18"], "Logs of other systems."],
  [
    "8.10",
    "Keep logs",
    ["M20"],
    "Logs of other systems. Audit entries are never deleted here; M20 measures that they leave in time.",
  ],
  ["17", "Respond to incidents", ["M11"], "Incidents of other kinds."],
];

const GUIDES: readonly ControlRow[] = [
  [
    "800-155",
    "Measure the firmware and compare it with what it should be",
    ["M04"],
    "How measurements are taken on the machine.",
  ],
  [
    "800-193 detection",
    "Detect corrupted firmware",
    ["M05"],
    "Detection by the machine itself before it boots.",
  ],
  [
    "800-193 recovery",
    "Bring firmware back to a state of integrity",
    ["M12"],
    "Recovery by the machine itself.",
  ],
  ["800-207 tenet 5", "Watch the integrity of every asset", ["M01"], "Assets that are no nodes."],
  [
    "800-207 tenet 6",
    "Decide access dynamically, before it is given",
    ["M13", "M14"],
    "Access to applications.",
  ],
];

export const OTHER_FRAMEWORKS: readonly Framework[] = [
  { id: "pci-dss-4.0.1", title: "PCI DSS", edition: "4.0.1", caution: UNCHECKED, controls: controlsOf(PCI) },
  {
    id: "soc-2",
    title: "SOC 2",
    edition: "trust services criteria",
    caution: UNCHECKED,
    controls: controlsOf(SOC2),
  },
  { id: "cis-v8.1", title: "CIS Controls", edition: "8.1", caution: UNCHECKED, controls: controlsOf(CIS) },
  {
    id: "nist-firmware-zero-trust",
    title: "NIST SP 800-155, 800-193, 800-207",
    edition: "by publication",
    caution: UNCHECKED,
    controls: controlsOf(GUIDES),
  },
];
