-- What a bootstrap event says about the credential that it is about. The end stands in a column of its
-- own, so that credentials which end soon are a range scan.
ALTER TABLE bootstrap_event
  ADD COLUMN credential jsonb,
  ADD COLUMN credential_not_after timestamptz(3);

CREATE INDEX bootstrap_event_credential_end ON bootstrap_event (trust_domain_id, credential_not_after, id)
  WHERE credential_not_after IS NOT NULL AND node_id IS NOT NULL;
CREATE INDEX bootstrap_event_credential ON bootstrap_event (trust_domain_id, node_id, occurred_at, id)
  WHERE type IN ('enrollment.credential_issued', 'enrollment.credential_renewed', 'enrollment.credential_expired',
    'identity.banned', 'identity.evicted', 'identity.purged');
