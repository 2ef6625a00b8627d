"use client";

import { ApiProblem } from "#lib/client/api";

/** A refusal of a whole form, with what the server found where. */
export function FormProblem({ error }: { error: unknown }) {
  const problem = error instanceof ApiProblem ? error : null;
  return (
    <div role="alert" className="rounded-[4px] border border-danger px-3 py-2 text-small">
      <p className="text-danger">
        {problem ? problem.detail || problem.title : "Something unexpected happened."}
      </p>
      {problem?.errors.map(({ pointer, detail }) => (
        <p key={`${pointer} ${detail}`}>
          <code className="font-mono">{pointer}</code>: {detail}
        </p>
      ))}
      {problem?.requestId && <p className="text-muted">Request {problem.requestId}</p>}
    </div>
  );
}
