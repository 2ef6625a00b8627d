-- Compliance: what people say about controls.

-- A note about one control of a framework: an exception from it, what compensates for it, that it does not apply,
-- or what was seen by hand. Every one ends; none is changed or removed.
CREATE TABLE control_note (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  framework text NOT NULL,
  control text NOT NULL,
  -- exception | compensating | not_applicable | manual
  kind text NOT NULL,
  -- Of a manual check: pass | fail; NULL for the others.
  verdict text,
  reason text NOT NULL,
  made_by uuid NOT NULL REFERENCES app_user (id),
  made_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL CHECK (expires_at > made_at),
  ended_at timestamptz(3),
  ended_by uuid REFERENCES app_user (id),
  PRIMARY KEY (trust_domain_id, id)
);
CREATE INDEX control_note_course ON control_note (trust_domain_id, framework, control, made_at DESC, id);

SELECT protect_tenant_tables();
