import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

export default function SettingsForbidden() {
  return (
    <>
      <PageHeader title="Settings" />
      <ForbiddenNotice title="Your role does not allow reading who may do what" permission="user:read" />
    </>
  );
}
