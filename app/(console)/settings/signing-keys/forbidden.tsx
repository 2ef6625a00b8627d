import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

export default function SigningKeysForbidden() {
  return (
    <>
      <PageHeader title="Settings" />
      <ForbiddenNotice
        title="Your role does not allow reading the keys of the audit log"
        permission="audit:read"
      />
    </>
  );
}
