import { OnboardingBoard, OnboardingQuery } from "#lib/contracts/lifecycle";
import { route } from "#lib/server/http/route";
import { onboardingBoard } from "#lib/services/lifecycle/board";

/** GET /api/v1/onboarding — nodes on their way to trust, stage by stage. */
export const GET = route({
  permission: "fleet:read",
  operation: "onboarding.board",
  summary: "Nodes on their way to trust, stage by stage",
  schemas: { query: OnboardingQuery },
  output: OnboardingBoard,
  handle: (ctx, { query }) => onboardingBoard(ctx, query),
});
