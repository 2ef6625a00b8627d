import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

export default function NotificationSettingsForbidden() {
  return (
    <>
      <PageHeader title="Notification settings" />
      <ForbiddenNotice title="Your role does not allow reading notifications" permission="notify:read" />
    </>
  );
}
