/** Calls about imported frameworks. */
import type {
  ClearMappingBody,
  ControlMapped,
  FrameworkImported,
  FrameworkPreview,
  FrameworkRetired,
  ImportFrameworkBody,
  MapControlBody,
  ReadFrameworkBody,
} from "#lib/contracts/own-framework";
import { sendJson, trust } from "./api.ts";
import { paths } from "./paths.ts";

export const previewFramework = (body: ReadFrameworkBody) =>
  sendJson(paths.api.complianceFrameworkPreview(), body, trust<FrameworkPreview>());

export const importFramework = (body: ImportFrameworkBody) =>
  sendJson(paths.api.complianceFrameworks(), body, trust<FrameworkImported>());

export const retireFramework = (framework: string, body: { reason: string }) =>
  sendJson(paths.api.complianceFrameworkRetire(framework), body, trust<FrameworkRetired>());

export const mapControl = (framework: string, body: MapControlBody) =>
  sendJson(paths.api.complianceMappings(framework), body, trust<ControlMapped>());

export const clearMapping = (framework: string, body: ClearMappingBody) =>
  sendJson(paths.api.complianceMappings(framework, "clear"), body, trust<ControlMapped>());
