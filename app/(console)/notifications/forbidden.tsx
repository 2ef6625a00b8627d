import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

export default function NotificationsForbidden() {
  return (
    <>
      <PageHeader title="Notifications" />
      <ForbiddenNotice title="Your role does not allow reading notifications" permission="notify:read" />
    </>
  );
}
