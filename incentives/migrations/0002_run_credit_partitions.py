"""Run credits: one partition per run, filled by COPY between two functions of the owner role. Source: performance.md 11."""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE TABLE incentives_runcredit (
    organisation_id bigint NOT NULL,
    run_id uuid NOT NULL,
    line integer NOT NULL,
    participant_id uuid NOT NULL,
    opportunity_id uuid NOT NULL,
    plan_version_id uuid NOT NULL,
    component varchar(100) NOT NULL,
    rule varchar(100) NOT NULL,
    via_participant_id uuid,
    credit_on date NOT NULL,
    credit_minor bigint NOT NULL,
    currency varchar(3) NOT NULL,
    PRIMARY KEY (run_id, line)
) PARTITION BY LIST (run_id);

CREATE FUNCTION spm_run_open(run uuid) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    company bigint := current_setting('app.organisation_id')::bigint;
    part text := 'incentives_runcredit_' || replace(run::text, '-', '');
BEGIN
    PERFORM 1 FROM incentives_run WHERE id = run AND organisation_id = company AND state = 'running';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'run % is not a running run of this company', run USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE incentives_runcredit, CONSTRAINT walled CHECK (organisation_id = %s AND run_id = %L))',
                   part, company, run);
    EXECUTE format('GRANT INSERT ON %I TO %I', part, session_user);
    RETURN part;
END $$;

CREATE FUNCTION spm_run_close(run uuid) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    company bigint := current_setting('app.organisation_id')::bigint;
    part text := 'incentives_runcredit_' || replace(run::text, '-', '');
    total bigint;
BEGIN
    PERFORM 1 FROM incentives_run WHERE id = run AND organisation_id = company AND state = 'running';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'run % is not a running run of this company', run USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('REVOKE ALL ON %I FROM %I', part, session_user);
    EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (run_id, line)', part);
    EXECUTE format('CREATE INDEX ON %I (participant_id, component, line)', part);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', part);
    EXECUTE format('CREATE POLICY company ON %I USING (organisation_id = current_setting(''app.organisation_id'')::bigint)', part);
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I '
                   'FOR EACH STATEMENT EXECUTE FUNCTION spm_append_only()', part);
    EXECUTE format('ALTER TABLE incentives_runcredit ATTACH PARTITION %I FOR VALUES IN (%L)', part, run);
    EXECUTE format('SELECT count(*) FROM %I', part) INTO total;
    RETURN total;
END $$;

CREATE FUNCTION spm_ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong record;
BEGIN
    SELECT journal_id, currency, sum(amount_minor) AS total INTO wrong
    FROM added GROUP BY journal_id, currency HAVING sum(amount_minor) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'journal % is out of balance by % % (minor units): write all its legs in one statement, summing to 0',
            wrong.journal_id, wrong.total, wrong.currency USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER balanced AFTER INSERT ON incentives_ledgerentry REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION spm_ledger_balanced();
"""

BACKWARD = """
DROP TRIGGER balanced ON incentives_ledgerentry;
DROP FUNCTION spm_ledger_balanced();
DROP FUNCTION spm_run_close(uuid);
DROP FUNCTION spm_run_open(uuid);
DROP TABLE incentives_runcredit;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("incentives", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
