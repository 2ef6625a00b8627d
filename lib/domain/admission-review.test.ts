import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { QUARANTINE_TAINT, type ReviewRequest, reviewQuestion } from "./admission-review.ts";

const node = (spec: object = {}, more: object = {}) => ({ metadata: { name: "worker-7" }, spec, ...more });
const nodes = { group: "", resource: "nodes" };
const csrs = { group: "certificates.k8s.io", resource: "certificatesigningrequests" };
const pods = { group: "", resource: "pods" };
const CLIENT = "kubernetes.io/kube-apiserver-client-kubelet";

/** A request is written as its common name. */
const ask = (request: ReviewRequest) => reviewQuestion(request, (csr) => (csr === "" ? null : csr));
const csr = (username: string, commonName: string, signerName = CLIENT) => ({
  spec: { username, request: commonName, signerName },
});
const tainted = { taints: [{ key: QUARANTINE_TAINT, effect: "NoExecute" }] };

describe("a review of a node", () => {
  it("asks for a joining node by every identity that its registration names", () => {
    const object = {
      metadata: { name: "worker-7", uid: "u" },
      spec: { providerID: "aws:///1" },
      status: { nodeInfo: { systemUUID: "S" } },
    };
    expect(ask({ resource: nodes, operation: "CREATE", object })).toEqual({
      kind: "ask",
      purpose: "join",
      operation: "node registration",
      claim: {
        name: "worker-7",
        identities: [
          { kind: "k8s_node_uid", value: "u" },
          { kind: "provider_id", value: "aws:///1" },
          { kind: "system_uuid", value: "S" },
        ],
      },
    });
  });

  it("asks about an update only when it opens the node for work", () => {
    const update = (oldObject: unknown, object: unknown) =>
      ask({ resource: nodes, operation: "UPDATE", object, oldObject }).kind;
    expect(update(node({ unschedulable: true }), node())).toBe("ask");
    expect(update(node(tainted), node({ taints: [{ key: "other" }] }))).toBe("ask");
    // Shutting a node out must always be possible.
    expect(update(node(), node({ unschedulable: true, ...tainted }))).toBe("pass");
    expect(update(node(tainted), node({ ...tainted, unschedulable: true }))).toBe("pass");
    expect(update(node(), node({}, { metadata: { name: "worker-7", labels: { a: "b" } } }))).toBe("pass");
  });
});

describe("a review of a certificate request", () => {
  it("asks for the node whose certificate it is, by whoever bootstraps it or itself", () => {
    for (const username of ["system:bootstrap:abc", "system:node:worker-7", "system:serviceaccount:x:y"])
      expect(
        ask({ resource: csrs, operation: "CREATE", object: csr(username, "system:node:worker-7") }),
      ).toEqual({
        ...{ kind: "ask", purpose: "join", operation: "certificate request" },
        claim: { name: "worker-7", identities: [] },
      });
  });

  it("refuses a node that asks for the certificate of another one", () => {
    const object = csr("system:node:worker-8", "system:node:worker-7");
    expect(ask({ resource: csrs, operation: "CREATE", object })).toMatchObject({
      kind: "refuse",
      why: "worker-8 asks for a certificate of worker-7",
    });
  });

  it("asks when it is being approved, and not when it is denied or was approved before", () => {
    const base = csr("system:bootstrap:abc", "system:node:worker-7");
    const having = (...types: string[]) => ({
      ...base,
      status: { conditions: types.map((type) => ({ type })) },
    });
    const decide = (oldObject: unknown, object: unknown) =>
      ask({ resource: csrs, subResource: "approval", operation: "UPDATE", object, oldObject }).kind;
    expect(decide(having(), having("Approved"))).toBe("ask");
    expect(decide(base, having("Approved"))).toBe("ask");
    expect(decide(having(), having("Denied"))).toBe("pass");
    expect(decide(having("Approved"), having("Approved", "Failed"))).toBe("pass");
  });

  it("is passed when it is about no node, and asked when a kubelet's signer is to sign something unreadable", () => {
    const about = (object: unknown) => ask({ resource: csrs, operation: "CREATE", object });
    expect(about(csr("jane", "jane", "kubernetes.io/kube-apiserver-client")).kind).toBe("pass");
    expect(about(csr("system:bootstrap:abc", ""))).toMatchObject({ kind: "ask", claim: { name: null } });
  });
});

describe("a review of a pod", () => {
  it("asks for work on the node that it is bound to, or that it names by hand", () => {
    const work = { kind: "ask", purpose: "work", claim: { name: "worker-7", identities: [] } };
    const object = { target: { kind: "Node", name: "worker-7" } };
    expect(ask({ resource: pods, subResource: "binding", operation: "CREATE", object })).toMatchObject(work);
    expect(
      ask({ resource: pods, operation: "CREATE", object: { spec: { nodeName: "worker-7" } } }),
    ).toMatchObject(work);
    expect(ask({ resource: pods, operation: "CREATE", object: { spec: {} } }).kind).toBe("pass");
  });

  it("never passes a binding, whatever stands in it", () => {
    fc.assert(
      fc.property(fc.anything(), (object) => {
        const question = ask({ resource: pods, subResource: "binding", operation: "CREATE", object });
        expect(question.kind).toBe("ask");
      }),
    );
  });
});

it("says of anything else that it is not decided, and never fails", () => {
  const text = fc.constantFrom<string>(
    "",
    "nodes",
    "pods",
    "binding",
    "approval",
    "certificates.k8s.io",
    "secrets",
    "CREATE",
  );
  fc.assert(
    fc.property(
      text,
      text,
      text,
      text,
      fc.anything(),
      fc.anything(),
      (group, resource, subResource, ...rest) => {
        const [operation, object, oldObject] = rest;
        const question = ask({ resource: { group, resource }, subResource, operation, object, oldObject });
        if (operation !== "CREATE" && operation !== "UPDATE") expect(question.kind).toBe("unasked");
      },
    ),
  );
});
