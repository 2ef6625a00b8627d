import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

export default function RemediationActivityForbidden() {
  return (
    <>
      <PageHeader title="Activity" />
      <ForbiddenNotice title="Your role does not allow reading the audit log" permission="audit:read" />
    </>
  );
}
