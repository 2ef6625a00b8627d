/** Rundeck with a job for each verb. */
import { rundeckConnector } from "#lib/connectors/rundeck/index";
import { startRundeck } from "#tests/stubs/rundeck";
import { CANARY, type RigMaker, rigNode } from "./rig.ts";

const [isolateJob, releaseJob, rebuildJob, rekeyJob] = [1, 2, 3, 4].map(
  (n) => `a9e8e00e-9f3b-4b8e-9c2a-00000000000${n}`,
);

export const rundeckRig: RigMaker = {
  connector: rundeckConnector,
  readsAnswers: true,
  async start() {
    const jobs = [isolateJob, releaseJob, rebuildJob, rekeyJob].filter((job) => job !== undefined);
    const fake = await startRundeck(CANARY, jobs);
    return {
      fake,
      settings: { url: fake.url, isolateJob, releaseJob, rebuildJob, rekeyJob },
      secrets: { token: CANARY },
      node: rigNode("w1", { hostname: "w1.example" }),
      // Which nodes there are is the job's business.
      stranger: null,
      prepare: () => {},
      settle() {
        for (const execution of fake.executions) execution.status = "succeeded";
      },
    };
  },
};
