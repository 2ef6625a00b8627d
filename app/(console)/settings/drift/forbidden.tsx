import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

export default function DriftSettingsForbidden() {
  return (
    <>
      <PageHeader title="Drift settings" />
      <ForbiddenNotice title="Your role does not allow reading the drift settings" permission="drift:read" />
    </>
  );
}
