import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

export default function MaintenanceForbidden() {
  return (
    <>
      <PageHeader title="Maintenance" />
      <ForbiddenNotice title="Your role does not allow reading maintenance windows" permission="drift:read" />
    </>
  );
}
