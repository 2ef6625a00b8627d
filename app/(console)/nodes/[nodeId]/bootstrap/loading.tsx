import { NodeLoading } from "#components/node/node-loading";

export default function Loading() {
  return <NodeLoading />;
}
