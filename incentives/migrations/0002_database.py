"""What the models can't say: credits of runs in parts, and what the database refuses whoever asks. Source: performance.md 11."""

from typing import ClassVar

from django.db import migrations

CREDITS = """
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
    position_id uuid NOT NULL,
    share_rate bigint NOT NULL,
    earned_minor bigint NOT NULL,
    stated_minor bigint,
    rate_number integer,
    PRIMARY KEY (run_id, line)
) PARTITION BY LIST (run_id);

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
"""One part of the table per run, filled by COPY between two functions of the owner role. What all credits of a run share (company, run, and
mostly plan, component, rule and currency) is kept once, as the default of its column: a part is made without these columns; when it is
closed they are added with their one value, which takes no room in the rows."""

BALANCED = """
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
"""The legs of a journal sum to 0 in each currency."""

KEPT = """
CREATE FUNCTION spm_plan_version_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'draft' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'version % was published and is kept: end it and publish another', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state NOT IN ('published', 'retired') OR (OLD.state = 'retired' AND NEW.state <> 'retired')
        OR (NEW.plan_id, NEW.number, NEW.definition, NEW.digest, NEW.author_ids, NEW.published_at, NEW.published_by_id)
           IS DISTINCT FROM (OLD.plan_id, OLD.number, OLD.definition, OLD.digest, OLD.author_ids, OLD.published_at, OLD.published_by_id)
        OR lower(NEW.during) <> lower(OLD.during) OR upper(NEW.during) > upper(OLD.during) THEN
        RAISE EXCEPTION 'version % was published and is never edited: it may only end earlier', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON incentives_planversion FOR EACH ROW EXECUTE FUNCTION spm_plan_version_kept();
"""
"""A published version is never edited."""

BOOKS = """
CREATE FUNCTION spm_period_books() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE shut record;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('books:' || each.period_id, 0))
    FROM (SELECT DISTINCT period_id FROM added ORDER BY period_id) each;
    SELECT p.key, step.to_state AS state INTO shut
    FROM (SELECT DISTINCT organisation_id, period_id, journal_id FROM added) a
    JOIN incentives_journal j ON j.organisation_id = a.organisation_id AND j.id = a.journal_id
    JOIN planning_period p ON p.organisation_id = a.organisation_id AND p.id = a.period_id
    CROSS JOIN LATERAL (
        SELECT s.to_state FROM incentives_periodstep s
        WHERE s.organisation_id = a.organisation_id AND s.period_id = a.period_id ORDER BY s.number DESC LIMIT 1
    ) step
    WHERE step.to_state IN ('in_review', 'locked') OR (step.to_state IN ('approved', 'paid') AND j.kind NOT IN ('pay', 'carry'))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the books of % are %: post the difference into the earliest open period, or reopen it', shut.key,
            replace(shut.state, '_', ' ') USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER books_open AFTER INSERT ON incentives_ledgerentry REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION spm_period_books();

CREATE FUNCTION spm_period_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('books:' || NEW.period_id, 0));
    SELECT s.number, s.to_state INTO before FROM incentives_periodstep s
    WHERE s.organisation_id = NEW.organisation_id AND s.period_id = NEW.period_id ORDER BY s.number DESC LIMIT 1;
    IF NEW.number <> coalesce(before.number, 0) + 1 OR NEW.from_state <> coalesce(before.to_state, 'open') THEN
        RAISE EXCEPTION 'step % from % does not follow the period''s last step', NEW.number, NEW.from_state
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER follows BEFORE INSERT ON incentives_periodstep FOR EACH ROW EXECUTE FUNCTION spm_period_step();
"""
"""No entry stands in books that are shut. A step waits for the entries that are being written in its period, and they for it: what is
approved is what stands."""

BACKWARD = """
DROP TRIGGER follows ON incentives_periodstep;
DROP FUNCTION spm_period_step();
DROP TRIGGER books_open ON incentives_ledgerentry;
DROP FUNCTION spm_period_books();
DROP TRIGGER kept ON incentives_planversion;
DROP FUNCTION spm_plan_version_kept();
DROP TRIGGER balanced ON incentives_ledgerentry;
DROP FUNCTION spm_ledger_balanced();
DROP FUNCTION spm_run_open(uuid, jsonb);
DROP FUNCTION spm_run_close(uuid, jsonb);
DROP FUNCTION spm_run_shared(uuid, jsonb);
DROP TABLE incentives_runcredit;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("incentives", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL("".join((CREDITS, BALANCED, KEPT, BOOKS)), BACKWARD)]
