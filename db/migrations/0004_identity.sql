-- Who a node is: roles of identities, incarnations, alarms, enrolment decisions, links of unattributed
-- events and the nodes that are expected.

-- anchor | name | provisioning | weak, see lib/domain/identity.ts.
ALTER TABLE node_identity ADD COLUMN role text NOT NULL DEFAULT 'name';
-- Event times of the first sighting, and of that of the next value of its kind: for identities of one provisioning.
ALTER TABLE node_identity ADD COLUMN first_seen_at timestamptz(3);
ALTER TABLE node_identity ADD COLUMN superseded_at timestamptz(3);
ALTER TABLE node_identity ADD COLUMN incarnation_id uuid;

UPDATE node_identity SET role = CASE
  WHEN NOT strong THEN 'weak'
  WHEN kind IN ('ek_sha256', 'ak_sha256', 'devid_fp', 'psa_instance', 'cca_platform_instance', 'cloud_instance',
    'vm_id', 'ueid', 'system_uuid', 'serial') THEN 'anchor'
  WHEN kind IN ('spiffe_id', 'k8s_node_uid', 'provider_id', 'machine_uid') THEN 'provisioning'
  ELSE 'name' END;
UPDATE node_identity SET first_seen_at = valid_from WHERE role = 'provisioning' OR kind = 'agent_uuid';
-- A node that collected several anchors of a kind keeps the first as its anchor; the others still name it.
UPDATE node_identity i SET role = 'name'
WHERE i.role = 'anchor' AND i.valid_to IS NULL AND EXISTS (
  SELECT FROM node_identity e
  WHERE e.trust_domain_id = i.trust_domain_id AND e.node_id = i.node_id AND e.kind = i.kind
    AND e.strong AND e.valid_to IS NULL AND (e.valid_from, e.value) < (i.valid_from, i.value));
-- Values that are the same in either case are compared in lower case from now on.
UPDATE node_identity i SET value = lower(i.value)
WHERE i.kind IN ('ek_sha256', 'ak_sha256', 'devid_fp', 'agent_uuid', 'system_uuid', 'k8s_node_uid', 'machine_uid')
  AND i.value <> lower(i.value) AND i.value ~* '^[0-9a-f:-]+$' AND NOT EXISTS (
  SELECT FROM node_identity e
  WHERE e.trust_domain_id = i.trust_domain_id AND e.kind = i.kind AND e.value <> i.value
    AND lower(e.value) = lower(i.value));

-- The database's own guard: two batches that race cannot give a node two anchors of one kind.
CREATE UNIQUE INDEX node_identity_anchor ON node_identity (trust_domain_id, node_id, kind)
  WHERE role = 'anchor' AND valid_to IS NULL;

-- One provisioning of a node. Folded from the first sightings of its identities, see lib/domain/incarnation.ts.
CREATE TABLE incarnation (
  trust_domain_id uuid NOT NULL,
  node_id uuid NOT NULL,
  id uuid NOT NULL,
  opened_at timestamptz(3) NOT NULL,
  closed_at timestamptz(3),
  why text NOT NULL,
  opened_by_kind text NOT NULL,
  opened_by_value text NOT NULL,
  PRIMARY KEY (trust_domain_id, node_id, id),
  UNIQUE (trust_domain_id, node_id, opened_by_kind, opened_by_value),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id)
);

-- The same finding again counts up, and opens a settled alarm anew.
CREATE TABLE identity_alarm (
  trust_domain_id uuid NOT NULL,
  fingerprint bytea NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL,
  node_id uuid NOT NULL,
  other_node_id uuid,
  source_id uuid,
  sentence text NOT NULL,
  claimed jsonb NOT NULL,
  n bigint NOT NULL,
  first_at timestamptz(3) NOT NULL,
  last_at timestamptz(3) NOT NULL,
  settled_at timestamptz(3),
  settled_by text,
  settled_reason text,
  PRIMARY KEY (trust_domain_id, fingerprint),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id)
);
CREATE INDEX identity_alarm_open ON identity_alarm (trust_domain_id, last_at DESC, id) WHERE settled_at IS NULL;
CREATE INDEX identity_alarm_node ON identity_alarm (trust_domain_id, node_id);

-- accept | ask: whether nodes that the source introduces wait for a person.
ALTER TABLE source ADD COLUMN enrolment text NOT NULL DEFAULT 'accept';

CREATE TABLE enrolment (
  trust_domain_id uuid NOT NULL,
  node_id uuid NOT NULL,
  source_id uuid NOT NULL,
  state text NOT NULL,
  requested_at timestamptz(3) NOT NULL,
  decided_at timestamptz(3),
  decided_by text,
  reason text,
  PRIMARY KEY (trust_domain_id, node_id),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id)
);
CREATE INDEX enrolment_state ON enrolment (trust_domain_id, state, requested_at);

-- Append-only: the holds on a node's line are computed from these.
CREATE TABLE enrolment_decision (
  trust_domain_id uuid NOT NULL,
  node_id uuid NOT NULL,
  at timestamptz(3) NOT NULL,
  state text NOT NULL,
  decided_by text NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (trust_domain_id, node_id, at),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id)
);

-- Where the event's caller spoke from, without its port; and the link that gave the event its node.
ALTER TABLE bootstrap_event ADD COLUMN caller text;
ALTER TABLE bootstrap_event ADD COLUMN link_id uuid;
ALTER TABLE bootstrap_event ADD COLUMN linked_at timestamptz(3);
UPDATE bootstrap_event SET caller = regexp_replace(
  regexp_replace(actor ->> 'address', '^\[([^\]]*)\](:\d+)?$', '\1'), '^([^:]+):\d+$', '\1');
CREATE INDEX bootstrap_event_lane ON bootstrap_event (trust_domain_id, source_id, caller, method)
  WHERE node_id IS NULL;
CREATE INDEX bootstrap_event_link ON bootstrap_event (trust_domain_id, link_id) WHERE link_id IS NOT NULL;

CREATE TABLE event_link (
  trust_domain_id uuid NOT NULL,
  id uuid NOT NULL,
  node_id uuid NOT NULL,
  source_id uuid NOT NULL,
  caller text,
  method text,
  -- Set when a single event was linked and not its group.
  event_id uuid,
  follow boolean NOT NULL,
  reason text NOT NULL,
  linked_at timestamptz(3) NOT NULL,
  linked_by text NOT NULL,
  undone_at timestamptz(3),
  undone_by text,
  PRIMARY KEY (trust_domain_id, id),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id)
);
CREATE INDEX event_link_following ON event_link (trust_domain_id, source_id) WHERE follow AND undone_at IS NULL;

CREATE TABLE expected_node (
  trust_domain_id uuid NOT NULL,
  id uuid NOT NULL,
  -- inventory | provisioning: listed by a person, or provisioned and not heard of since.
  origin text NOT NULL,
  name text NOT NULL,
  identities jsonb NOT NULL,
  expected_by timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  created_by text NOT NULL,
  node_id uuid,
  provisioned_at timestamptz(3),
  overdue_at timestamptz(3),
  overdue_reason text,
  enrolled_at timestamptz(3),
  withdrawn_at timestamptz(3),
  PRIMARY KEY (trust_domain_id, id)
);
CREATE INDEX expected_node_open ON expected_node (trust_domain_id, created_at, id)
  WHERE enrolled_at IS NULL AND withdrawn_at IS NULL;
CREATE UNIQUE INDEX expected_node_provisioned ON expected_node (trust_domain_id, node_id)
  WHERE origin = 'provisioning';
CREATE UNIQUE INDEX expected_node_name ON expected_node (trust_domain_id, name)
  WHERE origin = 'inventory' AND withdrawn_at IS NULL;
