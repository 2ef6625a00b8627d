import { ForbiddenNotice } from "#components/shell/forbidden-notice";

export default function RejectedForbidden() {
  return (
    <ForbiddenNotice title="Your role does not allow reading rejected events" permission="rejected:read">
      How many there were stands on the tab.
    </ForbiddenNotice>
  );
}
