import { ForbiddenNotice } from "#components/shell/forbidden-notice";

export default function EvidenceForbidden() {
  return (
    <ForbiddenNotice title="Your role does not allow reading evidence" permission="evidence:read">
      The timeline shows what the evidence amounts to.
    </ForbiddenNotice>
  );
}
