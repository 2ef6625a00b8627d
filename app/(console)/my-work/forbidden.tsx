import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

export default function MyWorkForbidden() {
  return (
    <>
      <PageHeader title="My work" />
      <ForbiddenNotice
        title="Your role does not allow reading what waits for people"
        permission="remediation:read"
      />
    </>
  );
}
