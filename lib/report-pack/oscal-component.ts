/** Which controls of a framework the product speaks to, as an OSCAL component definition. Pure. */
import type { ReportControl, ReportFramework, ReportSnapshot } from "#lib/domain/report/snapshot";
import { controlToken, frameworkResource, listed, markup, metadataOf, TOOL, uuidOf } from "./oscal-parts.ts";

/** It says what is measured, and nothing of how the measurement came out. */
export function componentDefinition(snapshot: ReportSnapshot, framework: ReportFramework) {
  const spoken = snapshot.controls.filter(({ measures }) => measures.length > 0);
  return {
    "component-definition": {
      uuid: uuidOf(snapshot.id, "component-definition"),
      metadata: metadataOf(snapshot, `Touchstone and ${framework.title}`),
      components: [
        {
          ...TOOL,
          ...listed(
            "control-implementations",
            spoken.length === 0 ? [] : [implementation(snapshot, framework, spoken)],
          ),
        },
      ],
      "back-matter": { resources: [frameworkResource(framework)] },
    },
  };
}

function implementation(
  { measures }: ReportSnapshot,
  framework: ReportFramework,
  controls: readonly ReportControl[],
) {
  const titles = new Map(measures.map(({ id, title }) => [id, `${id} (${title})`]));
  return {
    uuid: uuidOf("implementation", framework.id, framework.mappingVersion),
    source: `#${frameworkResource(framework).uuid}`,
    description: "Measures that speak to these controls. None of them meets a control by itself.",
    "implemented-requirements": controls.map((control) => ({
      uuid: uuidOf("requirement", framework.id, framework.mappingVersion, control.id),
      "control-id": controlToken(framework, control.id),
      description: [
        `${markup(control.line)}.`,
        `Touchstone measures: ${control.measures.map((id) => titles.get(id) ?? id).join(", ")}.`,
        ...(control.own?.mapping?.covers ? [`Covered: ${markup(control.own.mapping.covers)}`] : []),
        `Not covered: ${markup(control.notCovered)}`,
      ].join(" "),
    })),
  };
}
