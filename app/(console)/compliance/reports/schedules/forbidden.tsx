import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

export default function SchedulesForbidden() {
  return (
    <>
      <PageHeader title="Schedules" />
      <ForbiddenNotice title="Your role does not allow reading compliance" permission="compliance:read" />
    </>
  );
}
