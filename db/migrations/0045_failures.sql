-- What failed, by line: every figure about failures (time to detect, to contain, to restore, to answer) begins with them.
-- Failures are few among many intervals; without this index each of those figures reads the whole history.
CREATE INDEX trust_interval_failed ON trust_interval (trust_domain_id, source_id, valid_from) WHERE state = 'failed';
