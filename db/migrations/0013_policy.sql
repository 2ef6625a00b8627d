-- Policies: what is made of evidence, in which version, for which nodes, and since when.
CREATE TABLE policy (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  name text NOT NULL,
  created_by uuid REFERENCES app_user (id),
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, id),
  UNIQUE (trust_domain_id, name)
);

-- Insert only. The digest is of the text.
CREATE TABLE policy_version (
  trust_domain_id uuid NOT NULL,
  policy_id uuid NOT NULL,
  version integer NOT NULL,
  digest bytea NOT NULL,
  text text NOT NULL,
  note text NOT NULL,
  author uuid REFERENCES app_user (id),
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, policy_id, version),
  FOREIGN KEY (trust_domain_id, policy_id) REFERENCES policy (trust_domain_id, id)
);

-- Which version is in which stage for which part of the nodes, and when. Rows are only ever ended.
CREATE TABLE policy_activation (
  trust_domain_id uuid NOT NULL,
  id uuid NOT NULL,
  policy_id uuid NOT NULL,
  version integer NOT NULL,
  -- shadow | enforced
  stage text NOT NULL CHECK (stage IN ('shadow', 'enforced')),
  -- CEL over the node; empty = all nodes.
  selector text NOT NULL,
  percent smallint NOT NULL CHECK (percent BETWEEN 1 AND 100),
  valid_from timestamptz(3) NOT NULL,
  valid_to timestamptz(3),
  -- NULL = shadow, or a rollback, neither of which needs a second person.
  change_request_id uuid,
  created_by uuid REFERENCES app_user (id),
  created_at timestamptz(3) NOT NULL,
  -- Shadow: when the nodes were last compared, and how many of them.
  compared_at timestamptz(3),
  compared_nodes bigint,
  PRIMARY KEY (trust_domain_id, id),
  FOREIGN KEY (trust_domain_id, policy_id, version)
    REFERENCES policy_version (trust_domain_id, policy_id, version)
);
CREATE INDEX policy_activation_course ON policy_activation (trust_domain_id, valid_from);

-- Nodes for which a rule does not count for a while. Never without an end.
CREATE TABLE policy_exception (
  trust_domain_id uuid NOT NULL,
  id uuid NOT NULL,
  -- Name of the policy; the built-in one has no row.
  policy_name text NOT NULL,
  rule_id text NOT NULL,
  selector text NOT NULL,
  reason text NOT NULL,
  created_by uuid REFERENCES app_user (id),
  created_at timestamptz(3) NOT NULL,
  valid_from timestamptz(3) NOT NULL,
  valid_to timestamptz(3) NOT NULL,
  -- History follows its end from here on; NULL = not yet.
  settled_at timestamptz(3),
  matches bigint NOT NULL,
  last_match_at timestamptz(3),
  PRIMARY KEY (trust_domain_id, id)
);
CREATE INDEX policy_exception_unsettled ON policy_exception (valid_to) WHERE settled_at IS NULL;

-- The work that a change of what decides makes: all nodes, in the order of their ids.
CREATE TABLE policy_rederivation (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  cause text NOT NULL,
  recorded_at timestamptz(3) NOT NULL,
  nodes_total bigint NOT NULL,
  nodes_done bigint NOT NULL,
  -- Nodes up to this id are done.
  last_node_id uuid,
  finished_at timestamptz(3),
  PRIMARY KEY (trust_domain_id, id)
);
CREATE INDEX policy_rederivation_open ON policy_rederivation (recorded_at) WHERE finished_at IS NULL;

-- Nodes whose status would be another one if what is in shadow were enforced.
CREATE TABLE policy_shadow (
  trust_domain_id uuid NOT NULL,
  activation_id uuid NOT NULL,
  node_id uuid NOT NULL,
  state text NOT NULL,
  shadow_state text NOT NULL,
  shadow_reason text NOT NULL,
  rule_id text NOT NULL,
  since timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, activation_id, node_id),
  FOREIGN KEY (trust_domain_id, activation_id) REFERENCES policy_activation (trust_domain_id, id),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id)
);
