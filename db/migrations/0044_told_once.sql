-- What is told once, when its time is over.

-- When people were told that nobody reviewed it in time; NULL = they were not.
ALTER TABLE remediation_review ADD COLUMN overdue_told_at timestamptz(3);

-- Pauses that ran out before anybody was told of pauses are over, and are no news.
UPDATE pause_request SET ended_at = expires_at WHERE ended_at IS NULL AND expires_at <= now();
