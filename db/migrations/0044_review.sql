-- An auditor may be let in to review one period: nothing outside of it is shown to whoever holds nothing else.

ALTER TABLE role_grant
  -- NULL, both = at any time.
  ADD COLUMN review_from timestamptz(3),
  ADD COLUMN review_to timestamptz(3),
  ADD CHECK ((review_from IS NULL) = (review_to IS NULL)),
  ADD CHECK (review_from < review_to),
  ADD CHECK (review_from IS NULL OR (role = 'auditor' AND origin = 'local'));

-- Reports that say nothing of the time before their period; whoever reviews a period reads no others.
ALTER TABLE report ADD COLUMN confined boolean NOT NULL DEFAULT false;
