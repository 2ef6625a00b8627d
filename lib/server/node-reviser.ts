/** How use cases that change what a node is worth bring its line up to date. */
import "server-only";
import { clientOf } from "#db/client";
import { reviseNode } from "#lib/ingest/revise-node";
import type { NodeReviser } from "#lib/services/enrolment/decide";

export const nodeReviser: NodeReviser = (tx, node, now) => reviseNode(clientOf(tx), node, now);
