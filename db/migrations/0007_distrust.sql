-- Retroactive distrust: the work of re-deriving history, and what finds late evidence of a key.

-- One row per approved decision; also the history of what was decided about a key.
CREATE TABLE rederivation (
  trust_domain_id uuid NOT NULL,
  id uuid NOT NULL,
  source_id uuid NOT NULL,
  kid text NOT NULL,
  since timestamptz(3) NOT NULL,
  previous_since timestamptz(3),
  recorded_at timestamptz(3) NOT NULL,
  nodes_total bigint NOT NULL,
  nodes_done bigint NOT NULL,
  -- Nodes up to this id are done.
  last_node_id uuid,
  finished_at timestamptz(3),
  PRIMARY KEY (trust_domain_id, id),
  FOREIGN KEY (trust_domain_id, source_id) REFERENCES source (trust_domain_id, id)
);
CREATE INDEX rederivation_open ON rederivation (trust_domain_id, recorded_at) WHERE finished_at IS NULL;
CREATE INDEX rederivation_key ON rederivation (trust_domain_id, source_id, kid, recorded_at);

-- Signed evidence that came more than an hour after it was dated: rare, and the sender chose its date.
CREATE INDEX verdict_late ON verdict (trust_domain_id, source_id, kid, received_at)
  WHERE kid IS NOT NULL AND received_at - observed_at > interval '1 hour';
