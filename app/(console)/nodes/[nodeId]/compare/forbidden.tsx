import { ForbiddenNotice } from "#components/shell/forbidden-notice";

export default function CompareForbidden() {
  return (
    <ForbiddenNotice title="Your role does not allow comparing evidence" permission="evidence:read">
      The timeline shows what the evidence amounts to.
    </ForbiddenNotice>
  );
}
