import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

export default function DrillsForbidden() {
  return (
    <>
      <PageHeader title="Drills" />
      <ForbiddenNotice title="Your role does not allow reading remediations" permission="remediation:read" />
    </>
  );
}
