-- Day partitions of the verdict log, and what stays when one is dropped.

-- One row: how long this installation keeps verdicts. Partitions hold the rows of all trust domains.
CREATE TABLE retention (
  id boolean PRIMARY KEY CHECK (id),
  verdict_days integer NOT NULL CHECK (verdict_days BETWEEN 7 AND 36500),
  raw_days integer NOT NULL CHECK (raw_days BETWEEN 1 AND 36500),
  retained_since timestamptz(3)
);
INSERT INTO retention (id, verdict_days, raw_days) VALUES (true, 400, 90);

-- The partitions that exist, by the instants that they hold.
CREATE TABLE verdict_partition (
  name text PRIMARY KEY,
  from_at timestamptz(3) NOT NULL,
  to_at timestamptz(3) NOT NULL,
  raw_dropped_at timestamptz(3)
);
INSERT INTO verdict_partition (name, from_at, to_at)
  SELECT relname, to_date(substr(relname, 9), 'YYYYMM')::timestamp AT TIME ZONE 'UTC',
    (to_date(substr(relname, 9), 'YYYYMM') + interval '1 month')::timestamp AT TIME ZONE 'UTC'
  FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = 'verdict'::regclass;

-- Rows of the log that an interval begins with: they outlive their partition, bytes and all.
CREATE TABLE verdict_kept (LIKE verdict, PRIMARY KEY (trust_domain_id, node_id, observed_at, event_hash));

-- SHA-256 of all received bytes of a lane's day, in the order in which they were folded: whoever has the
-- bytes can prove what they were, and the hash chain of an interval can be computed again for ever.
CREATE TABLE verdict_digest (
  trust_domain_id uuid NOT NULL,
  node_id uuid NOT NULL,
  source_id uuid NOT NULL,
  submod text NOT NULL,
  day date NOT NULL,
  digests bytea NOT NULL,
  PRIMARY KEY (trust_domain_id, node_id, source_id, submod, day)
);

-- What the dropped verdicts of a lane came to: folding goes on from here.
CREATE TABLE lane_base (
  trust_domain_id uuid NOT NULL,
  node_id uuid NOT NULL,
  source_id uuid NOT NULL,
  submod text NOT NULL,
  through_at timestamptz(3) NOT NULL,
  open jsonb NOT NULL,
  PRIMARY KEY (trust_domain_id, node_id, source_id, submod),
  FOREIGN KEY (trust_domain_id, node_id) REFERENCES node (trust_domain_id, id)
);

-- Attaching an empty table waits for no reader or writer; CREATE … PARTITION OF would wait for all.
CREATE FUNCTION add_verdict_partition(name text, from_at timestamptz, to_at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TABLE %I (LIKE verdict INCLUDING ALL)', name);
  EXECUTE format('ALTER TABLE verdict ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, from_at, to_at);
  INSERT INTO verdict_partition VALUES (name, from_at, to_at, NULL);
END $$;

-- A whole month at once, unless a part of it is there.
CREATE OR REPLACE FUNCTION ensure_verdict_partition(month date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  first_day date := date_trunc('month', month)::date;
  lower_bound timestamptz := first_day::timestamp AT TIME ZONE 'UTC';
  upper_bound timestamptz := (first_day + interval '1 month')::timestamp AT TIME ZONE 'UTC';
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('ensure_verdict_partition'));
  IF NOT EXISTS (SELECT FROM verdict_partition p WHERE p.from_at < upper_bound AND p.to_at > lower_bound) THEN
    PERFORM add_verdict_partition('verdict_' || to_char(first_day, 'YYYYMM'), lower_bound, upper_bound);
  END IF;
END $$;

-- Room for the verdicts of one UTC day. Imported history that is older than what is retained goes into
-- months, so that nobody can make a partition for each day since 1970. Nothing is made again for a time
-- whose partition was dropped.
CREATE FUNCTION ensure_verdict_day(day date, today date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  lower_bound timestamptz := day::timestamp AT TIME ZONE 'UTC';
  upper_bound timestamptz := (day + 1)::timestamp AT TIME ZONE 'UTC';
  month_end date := (date_trunc('month', day) + interval '1 month')::date;
  kept_days integer;
  since timestamptz;
BEGIN
  IF EXISTS (SELECT FROM verdict_partition p WHERE p.from_at <= lower_bound AND p.to_at > lower_bound) THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('ensure_verdict_partition'));
  SELECT verdict_days, retained_since INTO kept_days, since FROM retention;
  IF upper_bound <= since THEN
    RETURN;
  END IF;
  IF month_end <= today - kept_days THEN
    PERFORM ensure_verdict_partition(day);
  END IF;
  IF NOT EXISTS (SELECT FROM verdict_partition p WHERE p.from_at <= lower_bound AND p.to_at > lower_bound) THEN
    PERFORM add_verdict_partition('verdict_' || to_char(day, 'YYYYMMDD'), lower_bound, upper_bound);
  END IF;
END $$;
