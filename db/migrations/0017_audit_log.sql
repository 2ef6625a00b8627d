-- The audit entries of a trust domain as a Merkle tree with signed checkpoints (ADR 19).

-- Written with the entry, in the transaction of the change: what the tree has yet to take in. It holds the
-- leaf's hash, so that an entry which is changed or deleted before that is found afterwards, too.
-- NULL = the entry is older than the log.
CREATE TABLE audit_pending (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  entry_id uuid NOT NULL,
  leaf_hash bytea,
  PRIMARY KEY (trust_domain_id, entry_id)
);
INSERT INTO audit_pending (trust_domain_id, entry_id) SELECT trust_domain_id, id FROM audit_entry;

-- The order that the log gave to the entries, without a gap. No foreign key to the entry: one that
-- somebody deletes must leave its place behind.
CREATE TABLE audit_leaf (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  leaf_index bigint NOT NULL,
  entry_id uuid NOT NULL,
  leaf_hash bytea NOT NULL,
  PRIMARY KEY (trust_domain_id, leaf_index),
  UNIQUE (trust_domain_id, entry_id)
);

-- Hashes of complete subtrees of 256, 65,536, … leaves: level 1, 2, … of the tiles.
CREATE TABLE audit_tile_hash (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  level smallint NOT NULL,
  position bigint NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (trust_domain_id, level, position)
);

-- One row per log: where it stands. Its lock lets one writer at a time take entries in and sign.
-- `peaks` are the hashes of the complete subtrees that the tree consists of, 32 bytes each.
CREATE TABLE audit_log (
  trust_domain_id uuid NOT NULL PRIMARY KEY REFERENCES trust_domain (id),
  origin text NOT NULL,
  size bigint NOT NULL,
  peaks bytea NOT NULL,
  created_at timestamptz(3) NOT NULL
);

CREATE TABLE audit_checkpoint (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  size bigint NOT NULL,
  root bytea NOT NULL,
  note text NOT NULL,
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, size)
);

-- Keys that sign checkpoints. While one takes the place of another both sign, until `retire_at`.
CREATE TABLE audit_log_key (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  vkey text NOT NULL,
  sealed_private_key bytea NOT NULL,
  created_at timestamptz(3) NOT NULL,
  retire_at timestamptz(3),
  PRIMARY KEY (trust_domain_id, vkey)
);

CREATE INDEX audit_entry_at ON audit_entry (trust_domain_id, at DESC, id);
CREATE INDEX audit_entry_object ON audit_entry (trust_domain_id, entity_id, at DESC, id);
