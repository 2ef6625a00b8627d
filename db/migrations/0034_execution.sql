-- Execution: what a step is about, what is wrong with nodes that were acted on, and what policies would have done.

-- State of the request that a worker took up last; people change that state. NULL = none was taken up.
ALTER TABLE execution ADD COLUMN taken_up text;

ALTER TABLE execution_step
  -- What it is, for people.
  ADD COLUMN words text NOT NULL DEFAULT '',
  -- What the connector's system calls the node, as it was when it was begun; NULL = a step of our own.
  ADD COLUMN target jsonb,
  -- The verb that takes it back; NULL = nothing does.
  ADD COLUMN undo text,
  -- What it contributes to; NULL = it supports the rest.
  ADD COLUMN effect text,
  -- It comes after the change.
  ADD COLUMN verifies boolean NOT NULL DEFAULT false,
  -- What it tells the life cycle; NULL = nothing.
  ADD COLUMN event text,
  -- How long it may take; NULL = as long as its connector says.
  ADD COLUMN timeout_ms integer,
  -- The step that this one takes back; NULL = it is none of an abort.
  ADD COLUMN rolls_back integer;
CREATE INDEX execution_step_open ON execution_step (trust_domain_id, request_id) WHERE ended_at IS NULL;

-- A node on which something was not done as it was asked for, or did not last.
CREATE TABLE remediation_alarm (
  trust_domain_id uuid NOT NULL,
  node_id uuid NOT NULL,
  request_id uuid NOT NULL,
  -- incomplete | drifted
  kind text NOT NULL,
  raised_at timestamptz(3) NOT NULL,
  detail text NOT NULL,
  -- NULL = it holds.
  ended_at timestamptz(3),
  PRIMARY KEY (trust_domain_id, node_id, request_id, kind, raised_at),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id),
  FOREIGN KEY (trust_domain_id, request_id) REFERENCES remediation_request (trust_domain_id, id)
);
CREATE UNIQUE INDEX remediation_alarm_open ON remediation_alarm (trust_domain_id, node_id, request_id, kind)
  WHERE ended_at IS NULL;

-- When the containment of a node was last read back.
CREATE TABLE containment_watch (
  trust_domain_id uuid NOT NULL,
  node_id uuid NOT NULL,
  request_id uuid NOT NULL,
  next_at timestamptz(3) NOT NULL,
  looked_at timestamptz(3),
  PRIMARY KEY (trust_domain_id, node_id),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id),
  FOREIGN KEY (trust_domain_id, request_id) REFERENCES remediation_request (trust_domain_id, id)
);

-- Whether failed nodes are contained without a person. No row = off.
CREATE TABLE automatic_containment (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  -- off | shadow | request | execute
  mode text NOT NULL,
  revision integer NOT NULL,
  changed_by uuid REFERENCES app_user (id),
  changed_at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id)
);

-- One row per failure of a node that was judged.
CREATE TABLE automatic_judgement (
  trust_domain_id uuid NOT NULL,
  node_id uuid NOT NULL,
  -- When the node's own line began to say so.
  failed_at timestamptz(3) NOT NULL,
  judged_at timestamptz(3) NOT NULL,
  mode text NOT NULL,
  -- acts = it acted, or would have in shadow; held = something forbade it
  outcome text NOT NULL,
  -- What forbade it; NULL = nothing.
  held_by text,
  -- For people.
  why text NOT NULL,
  policy_version text,
  evidence_digest text,
  -- What was asked for; NULL = nothing.
  request_id uuid,
  PRIMARY KEY (trust_domain_id, node_id, failed_at),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id)
);
CREATE INDEX automatic_judgement_recent ON automatic_judgement (trust_domain_id, judged_at DESC, node_id);

SELECT protect_tenant_tables();
