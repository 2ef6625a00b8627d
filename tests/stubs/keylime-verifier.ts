/** A Keylime verifier that is changed: stop, reactivate and delete, by the second API's documentation. */
import { type FakeSystem, startFake } from "./conduct.ts";
import type { StubAnswer } from "./http.ts";

export type VerifierFake = FakeSystem & {
  /** `operational_state` by agent. */
  agents: Map<string, number>;
  versions: string[];
};

const answer = (results: object): StubAnswer => ({ body: { code: 200, status: "Success", results } });
const failure = (code: number): StubAnswer => ({ status: code, body: { code, status: "no", results: {} } });
/** States in which an agent is removed at once; in others it is only told to end. */
const RESTING: ReadonlySet<number> = new Set([2, 7, 8, 9, 10]);

export async function startVerifier(): Promise<VerifierFake> {
  const fake = await startFake(({ method, path }, effects) => {
    if (path === "/version") return answer({ supported_versions: verifier.versions });
    const found = /^\/v2\.\d\/agents\/([^/]*)(?:\/(stop|reactivate))?$/.exec(path);
    const [, id = "", step] = found ?? [];
    if (!found) return failure(404);
    if (id === "") return answer({ uuids: [...verifier.agents.keys()] });
    const state = verifier.agents.get(id);
    if (state === undefined) return failure(404);
    if (method === "GET") return answer({ operational_state: state });
    effects.push(`${method} ${id} ${step ?? ""} in ${state}`);
    if (method === "PUT") {
      verifier.agents.set(id, step === "stop" ? 10 : 1);
      return answer({});
    }
    if (RESTING.has(state)) verifier.agents.delete(id);
    else verifier.agents.set(id, 8);
    return { ...answer({}), status: RESTING.has(state) ? 200 : 202 };
  });
  const verifier: VerifierFake = Object.assign(fake, { agents: new Map(), versions: ["2.1", "2.5", "3.0"] });
  return verifier;
}
