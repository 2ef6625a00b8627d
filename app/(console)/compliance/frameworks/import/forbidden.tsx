import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

export default function ImportForbidden() {
  return (
    <>
      <PageHeader title="Import a framework" />
      <ForbiddenNotice title="Your role does not allow importing frameworks" permission="compliance:manage" />
    </>
  );
}
