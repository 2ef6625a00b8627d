import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

export default function ReportsForbidden() {
  return (
    <>
      <PageHeader title="Reports" />
      <ForbiddenNotice title="Your role does not allow reading compliance" permission="compliance:read" />
    </>
  );
}
