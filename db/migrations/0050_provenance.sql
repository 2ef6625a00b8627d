-- What a bootstrap event says about where the image came from that was installed.

-- NULL = it says nothing.
ALTER TABLE bootstrap_event ADD COLUMN provenance jsonb;

-- The image that each node has: one event of many, found without reading the others.
CREATE INDEX bootstrap_event_image ON bootstrap_event (trust_domain_id, node_id, occurred_at DESC, received_at DESC, id DESC)
  WHERE type = 'provisioning.image_completed' AND node_id IS NOT NULL;
