import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

export default function RemediationsForbidden() {
  return (
    <>
      <PageHeader title="Remediations" />
      <ForbiddenNotice title="Your role does not allow reading remediations" permission="remediation:read" />
    </>
  );
}
