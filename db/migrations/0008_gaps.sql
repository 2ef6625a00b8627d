-- Silence of the past: every question about an instant asks which lanes were in a gap then. Gaps are few among
-- many intervals; without this index the question reads the whole history.
CREATE INDEX trust_interval_gap ON trust_interval (trust_domain_id, valid_from)
  WHERE event_hash IS NULL AND source_id <> '00000000-0000-0000-0000-000000000000';
