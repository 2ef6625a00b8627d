import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

export default function SiemForbidden() {
  return (
    <>
      <PageHeader title="Settings" />
      <ForbiddenNotice title="Your role does not allow reading sinks" permission="sink:read" />
    </>
  );
}
