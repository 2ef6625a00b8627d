-- Maintenance windows are planned by people, who call them by a name.
ALTER TABLE maintenance_window ADD COLUMN name text NOT NULL DEFAULT 'Maintenance';

-- What a window allowed, and when windows begin and end.
CREATE INDEX drift_finding_window ON drift_finding (trust_domain_id, window_id)
  WHERE window_id IS NOT NULL AND recorded_to IS NULL;
