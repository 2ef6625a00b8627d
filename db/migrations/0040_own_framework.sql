-- Frameworks that people import, and what they map controls to (ADR 37).

-- One that was imported, under all its versions.
CREATE TABLE own_framework (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  made_by uuid NOT NULL REFERENCES app_user (id),
  made_at timestamptz(3) NOT NULL,
  -- NULL = it is in use.
  retired_at timestamptz(3),
  retired_by uuid REFERENCES app_user (id),
  retired_reason text,
  PRIMARY KEY (trust_domain_id, id)
);

-- What was read of one document. None is changed or removed.
CREATE TABLE own_framework_version (
  trust_domain_id uuid NOT NULL,
  framework_id uuid NOT NULL,
  version integer NOT NULL,
  -- catalog | profile
  kind text NOT NULL,
  title text NOT NULL,
  -- The document's own version.
  edition text NOT NULL,
  oscal_version text NOT NULL,
  document_uuid uuid NOT NULL,
  -- SHA-256 of the document as it was handed over.
  digest bytea NOT NULL,
  -- Of a profile: what it was read against, `{title, edition, digest}`; NULL for a catalogue.
  base jsonb,
  -- Ids that the document withdrew.
  withdrawn text[] NOT NULL,
  -- What was passed over, `[{what, count}]`.
  not_read jsonb NOT NULL,
  -- It counts from here on, until the next version does.
  valid_from timestamptz(3) NOT NULL,
  recorded_at timestamptz(3) NOT NULL,
  recorded_by uuid NOT NULL REFERENCES app_user (id),
  PRIMARY KEY (trust_domain_id, framework_id, version),
  FOREIGN KEY (trust_domain_id, framework_id) REFERENCES own_framework (trust_domain_id, id)
);

CREATE TABLE own_framework_control (
  trust_domain_id uuid NOT NULL,
  framework_id uuid NOT NULL,
  version integer NOT NULL,
  control text NOT NULL,
  -- Place in the document's order, from 0.
  place integer NOT NULL,
  label text,
  -- Title and statement have the document's insertions of parameters.
  title text NOT NULL,
  statement text NOT NULL,
  statement_id text,
  parent text,
  group_title text,
  params jsonb NOT NULL,
  PRIMARY KEY (trust_domain_id, framework_id, version, control),
  FOREIGN KEY (trust_domain_id, framework_id, version)
    REFERENCES own_framework_version (trust_domain_id, framework_id, version)
);

-- What a control of a framework was mapped to, whatever its version; the newest counts. None is changed or removed.
CREATE TABLE control_mapping (
  trust_domain_id uuid NOT NULL,
  framework_id uuid NOT NULL,
  control text NOT NULL,
  version integer NOT NULL,
  -- measures | manual | not_applicable | cleared
  kind text NOT NULL,
  -- Empty unless it is mapped to measures.
  measures text[] NOT NULL,
  -- Of measures: what they say about the control, and what they do not; NULL for the others.
  covers text,
  not_covered text,
  -- Why it is for people, does not apply or is cleared; NULL for measures.
  reason text,
  recorded_at timestamptz(3) NOT NULL,
  recorded_by uuid NOT NULL REFERENCES app_user (id),
  PRIMARY KEY (trust_domain_id, framework_id, control, version),
  FOREIGN KEY (trust_domain_id, framework_id) REFERENCES own_framework (trust_domain_id, id)
);

SELECT protect_tenant_tables();
REVOKE DELETE ON own_framework FROM touchstone_app;
REVOKE UPDATE, DELETE ON own_framework_version FROM touchstone_app;
REVOKE UPDATE, DELETE ON own_framework_control FROM touchstone_app;
REVOKE UPDATE, DELETE ON control_mapping FROM touchstone_app;
