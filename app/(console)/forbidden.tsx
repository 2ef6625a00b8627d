import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

/** For pages that bring none of their own. */
export default function ConsoleForbidden() {
  return (
    <>
      <PageHeader title="Not for your role" />
      <ForbiddenNotice title="Your role does not include this page" />
    </>
  );
}
