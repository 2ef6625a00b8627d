import { ForbiddenNotice } from "#components/shell/forbidden-notice";

export default function DistrustForbidden() {
  return (
    <ForbiddenNotice title="Your role does not allow proposing changes" permission="change:propose">
      The state of each key stands on the page of its source.
    </ForbiddenNotice>
  );
}
