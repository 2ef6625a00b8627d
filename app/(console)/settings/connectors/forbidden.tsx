import { ForbiddenNotice } from "#components/shell/forbidden-notice";
import { PageHeader } from "#components/ui/page-header";

export default function ConnectorsForbidden() {
  return (
    <>
      <PageHeader title="Connectors" />
      <ForbiddenNotice title="Your role does not allow reading connectors" permission="connector:read" />
    </>
  );
}
