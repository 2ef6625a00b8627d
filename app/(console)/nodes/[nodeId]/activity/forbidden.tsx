import { ForbiddenNotice } from "#components/shell/forbidden-notice";

export default function NodeActivityForbidden() {
  return <ForbiddenNotice title="Your role does not allow reading the audit log" permission="audit:read" />;
}
