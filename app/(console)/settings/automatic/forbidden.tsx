import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

export default function AutomaticSettingsForbidden() {
  return (
    <>
      <PageHeader title="Automatic containment" />
      <ForbiddenNotice
        title="Your role does not allow reading automatic containment"
        permission="remediation:read"
      />
    </>
  );
}
