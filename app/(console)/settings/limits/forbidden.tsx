import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

export default function LimitsSettingsForbidden() {
  return (
    <>
      <PageHeader title="Limits of remediation" />
      <ForbiddenNotice
        title="Your role does not allow reading the limits of remediation"
        permission="remediation:read"
      />
    </>
  );
}
