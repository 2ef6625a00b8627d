-- Which raw documents the evidence pack of a report encloses: a sample, or all that were observed in its period.

ALTER TABLE report ADD COLUMN evidence text NOT NULL DEFAULT 'sample' CHECK (evidence IN ('sample', 'all'));
