import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

export default function AuditForbidden() {
  return (
    <>
      <PageHeader title="Audit log" />
      <ForbiddenNotice title="Your role does not allow reading the audit log" permission="audit:read" />
    </>
  );
}
