-- Labels: what operators call their machines by (role, rack, hardware). Selectors of baselines and policies read them.
ALTER TABLE node ADD COLUMN labels jsonb NOT NULL DEFAULT '{}';
