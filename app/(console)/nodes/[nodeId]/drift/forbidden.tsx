import { ForbiddenNotice } from "#components/shell/forbidden-notice";

export default function NodeDriftForbidden() {
  return (
    <ForbiddenNotice title="Your role does not allow reading drift" permission="evidence:read">
      The timeline shows what the drift amounts to.
    </ForbiddenNotice>
  );
}
