-- Reports that come again and again (ADR 38): when, about what, for whom, and what became of each period.

-- Which files are written; NULL = every one.
ALTER TABLE report ADD COLUMN formats text[];

CREATE TABLE report_schedule (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  name text NOT NULL,
  -- NULL = every measure, and no controls.
  framework text,
  -- Which nodes count, by their labels; empty = every node of the domain and those below it.
  q text NOT NULL,
  formats text[] NOT NULL CHECK (cardinality(formats) > 0),
  -- week | month | quarter
  every text NOT NULL,
  -- Due so many days after the end of the period, at an hour of that day in UTC.
  due_days integer NOT NULL CHECK (due_days BETWEEN 0 AND 28),
  due_hour integer NOT NULL CHECK (due_hour BETWEEN 0 AND 23),
  -- In whose name, and by whose rights at that moment.
  owner uuid NOT NULL REFERENCES app_user (id),
  -- People who are told.
  recipients uuid[] NOT NULL,
  revision integer NOT NULL,
  created_at timestamptz(3) NOT NULL,
  -- Every period that ends by then is handled, or is from before the schedule.
  handled_to timestamptz(3) NOT NULL,
  -- When the worker has to look again.
  next_at timestamptz(3) NOT NULL,
  -- NULL = it is not paused, or not removed.
  paused_at timestamptz(3),
  removed_at timestamptz(3),
  PRIMARY KEY (trust_domain_id, id)
);
CREATE UNIQUE INDEX report_schedule_name ON report_schedule (trust_domain_id, name) WHERE removed_at IS NULL;
CREATE INDEX report_schedule_due ON report_schedule (trust_domain_id, next_at)
  WHERE paused_at IS NULL AND removed_at IS NULL;

-- What became of a period.
CREATE TABLE report_schedule_run (
  trust_domain_id uuid NOT NULL,
  id uuid NOT NULL,
  schedule_id uuid NOT NULL,
  period_from timestamptz(3) NOT NULL,
  period_to timestamptz(3) NOT NULL CHECK (period_to > period_from),
  at timestamptz(3) NOT NULL,
  -- Who had it made out of turn; NULL = it was due.
  asked_by uuid REFERENCES app_user (id),
  -- made | refused | missed
  state text NOT NULL,
  -- Why it was refused, in words.
  problem text,
  report_id uuid CHECK ((report_id IS NOT NULL) = (state = 'made')),
  -- When everybody was told how it ended; NULL = it has not ended, or there is nobody to tell.
  told_at timestamptz(3),
  PRIMARY KEY (trust_domain_id, id),
  FOREIGN KEY (trust_domain_id, schedule_id) REFERENCES report_schedule (trust_domain_id, id),
  FOREIGN KEY (trust_domain_id, report_id) REFERENCES report (trust_domain_id, id)
);
-- Each period that is due is handled once, whatever dies in between.
CREATE UNIQUE INDEX report_schedule_run_once ON report_schedule_run (trust_domain_id, schedule_id, period_from, period_to)
  WHERE asked_by IS NULL;
CREATE INDEX report_schedule_run_newest ON report_schedule_run (trust_domain_id, schedule_id, at DESC, id DESC);
CREATE INDEX report_schedule_run_untold ON report_schedule_run (trust_domain_id, report_id)
  WHERE told_at IS NULL AND state = 'made';

-- Who was told of a report, and who was not because they may not read it.
CREATE TABLE report_notice (
  trust_domain_id uuid NOT NULL,
  run_id uuid NOT NULL,
  user_id uuid NOT NULL REFERENCES app_user (id),
  told boolean NOT NULL,
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (trust_domain_id, run_id, user_id),
  FOREIGN KEY (trust_domain_id, run_id) REFERENCES report_schedule_run (trust_domain_id, id)
);
CREATE INDEX report_notice_of ON report_notice (user_id, at DESC) WHERE told;

SELECT protect_tenant_tables();
-- What became of a period is written once, and nobody takes it back; who was told is written by the worker alone.
REVOKE DELETE ON report_schedule FROM touchstone_app;
REVOKE UPDATE, DELETE ON report_schedule_run FROM touchstone_app;
REVOKE INSERT, UPDATE, DELETE ON report_notice FROM touchstone_app;
