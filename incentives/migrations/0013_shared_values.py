"""What all credits of a run share (company, run, and mostly plan, component, rule and currency) is kept once, as the default of its column.

A part is made without these columns; when it is closed they are added with their one value, which takes no room in the rows.
"""

from importlib import import_module
from typing import ClassVar

from django.db import migrations

FORWARD = """
DROP FUNCTION spm_run_open(uuid);
DROP FUNCTION spm_run_close(uuid);

CREATE FUNCTION spm_run_shared(run uuid, shared jsonb) RETURNS TABLE (name text, kind text, value text)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT a.attname::text, format_type(a.atttypid, a.atttypmod),
           CASE a.attname WHEN 'organisation_id' THEN current_setting('app.organisation_id') WHEN 'run_id' THEN run::text
                ELSE shared->>a.attname::text END
    FROM pg_attribute a WHERE a.attrelid = 'incentives_runcredit'::regclass AND a.attnum > 0 AND NOT a.attisdropped
      AND (a.attname IN ('organisation_id', 'run_id')
           OR (a.attname IN ('plan_version_id', 'component', 'rule', 'currency') AND shared ? a.attname::text))
$$;

CREATE FUNCTION spm_run_open(run uuid, shared jsonb DEFAULT '{}') RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    company bigint := current_setting('app.organisation_id')::bigint;
    part text := 'incentives_runcredit_' || replace(run::text, '-', '');
    one record;
BEGIN
    PERFORM 1 FROM incentives_run WHERE id = run AND organisation_id = company AND state = 'running';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'run % is not a running run of this company', run USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE incentives_runcredit)', part);
    FOR one IN SELECT * FROM spm_run_shared(run, shared) LOOP
        EXECUTE format('ALTER TABLE %I DROP COLUMN %I', part, one.name);
    END LOOP;
    EXECUTE format('GRANT INSERT ON %I TO %I', part, session_user);
    RETURN part;
END $$;

CREATE FUNCTION spm_run_close(run uuid, shared jsonb DEFAULT '{}') RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    company bigint := current_setting('app.organisation_id')::bigint;
    part text := 'incentives_runcredit_' || replace(run::text, '-', '');
    one record;
BEGIN
    PERFORM 1 FROM incentives_run WHERE id = run AND organisation_id = company AND state = 'running';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'run % is not a running run of this company', run USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('REVOKE ALL ON %I FROM %I', part, session_user);
    FOR one IN SELECT * FROM spm_run_shared(run, shared) LOOP
        EXECUTE format('ALTER TABLE %I ADD COLUMN %I %s NOT NULL DEFAULT %L', part, one.name, one.kind, one.value);
        EXECUTE format('ALTER TABLE %I ALTER COLUMN %I DROP DEFAULT', part, one.name);
    END LOOP;
    EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (run_id, line)', part);
    EXECUTE format('CREATE INDEX ON %I (participant_id, line)', part);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', part);
    EXECUTE format('CREATE POLICY company ON %I USING (organisation_id = current_setting(''app.organisation_id'')::bigint)', part);
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I '
                   'FOR EACH STATEMENT EXECUTE FUNCTION spm_append_only()', part);
    EXECUTE format('ALTER TABLE incentives_runcredit ATTACH PARTITION %I FOR VALUES IN (%L)', part, run);
END $$;
"""

OPENED_BEFORE = import_module("incentives.migrations.0002_run_credit_partitions").FORWARD
BACKWARD = f"""
DROP FUNCTION spm_run_open(uuid, jsonb);
DROP FUNCTION spm_run_close(uuid, jsonb);
DROP FUNCTION spm_run_shared(uuid, jsonb);
{OPENED_BEFORE[OPENED_BEFORE.index("CREATE FUNCTION spm_run_open") : OPENED_BEFORE.index("CREATE FUNCTION spm_ledger_balanced")]}
"""
"""Parts that were closed have all columns, so that only the functions go back."""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("incentives", "0012_commission_expense")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
