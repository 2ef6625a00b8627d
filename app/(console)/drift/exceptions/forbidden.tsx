import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

export default function ExceptionsForbidden() {
  return (
    <>
      <PageHeader title="Exceptions" />
      <ForbiddenNotice title="Your role does not allow reading exceptions" permission="drift:read" />
    </>
  );
}
