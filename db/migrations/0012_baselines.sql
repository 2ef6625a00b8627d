-- Baselines: what evidence is expected to say, for which nodes, and since when.
CREATE TABLE baseline (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  -- CEL over the node; empty = every node.
  selector text NOT NULL,
  -- The lane that it is compared with; NULL = any source, any submodule.
  source_id uuid,
  submod text,
  created_by uuid REFERENCES app_user (id),
  created_at timestamptz(3) NOT NULL,
  archived_at timestamptz(3),
  PRIMARY KEY (trust_domain_id, id),
  UNIQUE (trust_domain_id, name),
  FOREIGN KEY (trust_domain_id, source_id) REFERENCES source (trust_domain_id, id)
);

-- Insert only, but for what two people decide about it. The digest is of the canonical content.
CREATE TABLE baseline_version (
  trust_domain_id uuid NOT NULL,
  baseline_id uuid NOT NULL,
  version integer NOT NULL,
  digest bytea NOT NULL,
  content jsonb NOT NULL,
  -- golden_node | cohort | keylime | document | drift
  origin text NOT NULL,
  origin_detail jsonb NOT NULL,
  note text NOT NULL,
  author uuid REFERENCES app_user (id),
  created_at timestamptz(3) NOT NULL,
  -- draft | published | withdrawn
  state text NOT NULL,
  -- DSSE envelope over the content and who approved it; NULL while a draft.
  signature jsonb,
  published_at timestamptz(3),
  PRIMARY KEY (trust_domain_id, baseline_id, version),
  FOREIGN KEY (trust_domain_id, baseline_id) REFERENCES baseline (trust_domain_id, id)
);

-- Which version holds for which part of the nodes, and when. Rows are only ever ended, never changed.
CREATE TABLE baseline_rollout (
  trust_domain_id uuid NOT NULL,
  id uuid NOT NULL,
  baseline_id uuid NOT NULL,
  version integer NOT NULL,
  -- target = what nodes should be; accepted = what they may still be (or already be) during an upgrade.
  part text NOT NULL,
  -- Narrows the baseline's selector; empty = all of its nodes.
  selector text NOT NULL,
  percent smallint NOT NULL CHECK (percent BETWEEN 1 AND 100),
  valid_from timestamptz(3) NOT NULL,
  valid_to timestamptz(3),
  change_request_id uuid,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, id),
  FOREIGN KEY (trust_domain_id, baseline_id, version)
    REFERENCES baseline_version (trust_domain_id, baseline_id, version)
);
CREATE INDEX baseline_rollout_course ON baseline_rollout (trust_domain_id, baseline_id, valid_from);

-- The installation's own Ed25519 keys: what it signs can be checked by anybody with the public key. The private
-- one is sealed, and belongs to the domain whose baselines it signs.
CREATE TABLE signing_key (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  -- SHA-256 of the public key's SPKI, hex.
  kid text NOT NULL,
  -- SPKI, DER.
  public_key bytea NOT NULL,
  sealed_private bytea NOT NULL,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, kid)
);
