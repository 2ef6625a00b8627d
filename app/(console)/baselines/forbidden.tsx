import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

export default function BaselinesForbidden() {
  return (
    <>
      <PageHeader title="Baselines" />
      <ForbiddenNotice
        title="Your role does not allow drafting or proposing baselines"
        permission="baseline:draft"
      />
    </>
  );
}
