import { ForbiddenNotice } from "#components/shell/forbidden-notice";

export default function PolicyActivityForbidden() {
  return <ForbiddenNotice title="Your role does not allow reading the audit log" permission="audit:read" />;
}
