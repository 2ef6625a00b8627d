import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

export default function ChangesForbidden() {
  return (
    <>
      <PageHeader title="Changes" />
      <ForbiddenNotice title="Your role does not allow reading change requests" permission="change:read" />
    </>
  );
}
