import { ForbiddenNotice } from "#components/shell/forbidden-notice";

export default function SourceActivityForbidden() {
  return <ForbiddenNotice title="Your role does not allow reading the audit log" permission="audit:read" />;
}
