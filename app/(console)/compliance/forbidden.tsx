import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

export default function ComplianceForbidden() {
  return (
    <>
      <PageHeader title="Compliance" />
      <ForbiddenNotice title="Your role does not allow reading compliance" permission="compliance:read" />
    </>
  );
}
