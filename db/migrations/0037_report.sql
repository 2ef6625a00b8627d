-- Frozen compliance reports and their files (ADR 33).

CREATE TABLE report (
  -- The first of `domains`.
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  title text NOT NULL,
  -- NULL = every measure, and no controls.
  framework text,
  -- Whose nodes count. Whoever reads the report must be allowed to read in each of them.
  domains uuid[] NOT NULL CHECK (cardinality(domains) > 0),
  -- Which nodes count, by their labels; empty = every node.
  q text NOT NULL,
  period_from timestamptz(3) NOT NULL,
  period_to timestamptz(3) NOT NULL CHECK (period_to > period_from),
  -- What was known then is believed.
  known_at timestamptz(3) NOT NULL CHECK (known_at >= period_to),
  asked_by uuid NOT NULL REFERENCES app_user (id),
  asked_at timestamptz(3) NOT NULL,
  -- WAITING | PREPARING | READY | PARTIAL | FAILED | CANCELLED
  state text NOT NULL,
  -- Steps that are done, of how many; 0 of 0 = nobody has begun.
  done integer NOT NULL,
  total integer NOT NULL,
  -- Why it failed or is partial, in words; NULL = it is neither.
  problem text,
  -- SHA-256 of the snapshot's canonical text; NULL until it is ready.
  digest bytea,
  -- The snapshot without its rows; NULL until it is ready.
  head jsonb,
  finished_at timestamptz(3),
  -- How often somebody began, who prepares it now, and until when nobody else may.
  attempts integer NOT NULL,
  claimed_by uuid,
  claimed_until timestamptz(3),
  PRIMARY KEY (trust_domain_id, id)
);
CREATE INDEX report_newest ON report (trust_domain_id, asked_at DESC, id DESC);
CREATE INDEX report_due ON report (trust_domain_id, asked_at) WHERE state IN ('WAITING', 'PREPARING');

-- Kept as they were written, so that what is downloaded again is the same to the byte.
CREATE TABLE report_file (
  trust_domain_id uuid NOT NULL,
  report_id uuid NOT NULL,
  format text NOT NULL,
  -- SHA-256; NULL = it could not be written, and `problem` says why.
  digest bytea,
  size bigint NOT NULL,
  problem text CHECK ((problem IS NULL) = (digest IS NOT NULL)),
  PRIMARY KEY (trust_domain_id, report_id, format),
  FOREIGN KEY (trust_domain_id, report_id) REFERENCES report (trust_domain_id, id) ON DELETE CASCADE
);

-- In pieces, so that whoever hands a file out holds one piece of it.
CREATE TABLE report_file_part (
  trust_domain_id uuid NOT NULL,
  report_id uuid NOT NULL,
  format text NOT NULL,
  part integer NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (trust_domain_id, report_id, format, part),
  FOREIGN KEY (trust_domain_id, report_id, format)
    REFERENCES report_file (trust_domain_id, report_id, format) ON DELETE CASCADE
);

SELECT protect_tenant_tables();
-- Files are written by the worker alone, and nobody changes one.
REVOKE INSERT, UPDATE, DELETE ON report_file FROM touchstone_app;
REVOKE INSERT, UPDATE, DELETE ON report_file_part FROM touchstone_app;
REVOKE DELETE ON report FROM touchstone_app;
