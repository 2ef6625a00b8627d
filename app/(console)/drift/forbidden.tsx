import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

export default function DriftForbidden() {
  return (
    <>
      <PageHeader title="Drift" />
      <ForbiddenNotice title="Your role does not allow reading drift" permission="drift:read" />
    </>
  );
}
