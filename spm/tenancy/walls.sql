-- Functions behind the walls. Run as the owner role before each table's own statements; idempotent.

CREATE OR REPLACE FUNCTION spm_uuid7() RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT encode(
    set_bit(set_bit(
      overlay(uuid_send(gen_random_uuid()) PLACING
        substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
      52, 1), 53, 1), 'hex')::uuid
$$;

CREATE OR REPLACE FUNCTION spm_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% rows of % are never changed: add a correcting entry instead', lower(TG_OP), TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;

-- References of tables that many rows are written to at once: checked and locked as foreign keys do, but once per statement.
-- Run as the owner, because locking a row of an append-only table is a right that the app's role has not. The policies hold all the same.
CREATE OR REPLACE FUNCTION spm_refers() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  place int := 0;
  asked bigint;
  held bigint;
  lost uuid;
BEGIN
  WHILE place < TG_NARGS LOOP
    EXECUTE format('SELECT count(*) FROM (SELECT DISTINCT organisation_id, %1$I FROM added WHERE %1$I IS NOT NULL) a', TG_ARGV[place])
      INTO asked;
    EXECUTE format('WITH a AS MATERIALIZED (SELECT DISTINCT organisation_id, %1$I AS id FROM added WHERE %1$I IS NOT NULL),
      h AS MATERIALIZED (SELECT 1 FROM %2$I t JOIN a ON t.organisation_id = a.organisation_id AND t.id = a.id FOR KEY SHARE OF t)
      SELECT count(*) FROM h', TG_ARGV[place], TG_ARGV[place + 1]) INTO held;
    IF held <> asked THEN
      EXECUTE format('SELECT a.%1$I FROM added a WHERE a.%1$I IS NOT NULL AND NOT EXISTS (SELECT 1 FROM %2$I t
        WHERE t.organisation_id = a.organisation_id AND t.id = a.%1$I) LIMIT 1', TG_ARGV[place], TG_ARGV[place + 1]) INTO lost;
      RAISE EXCEPTION '% of % refers to no row of % in the company: %', TG_ARGV[place], TG_TABLE_NAME, TG_ARGV[place + 1], lost
        USING ERRCODE = 'foreign_key_violation';
    END IF;
    place := place + 2;
  END LOOP;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION spm_referred() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  place int := 0;
  lost uuid;
BEGIN
  WHILE place < TG_NARGS LOOP
    EXECUTE format('SELECT g.id FROM gone g WHERE EXISTS (SELECT 1 FROM %I t WHERE t.organisation_id = g.organisation_id
      AND t.%I = g.id) LIMIT 1', TG_ARGV[place], TG_ARGV[place + 1]) INTO lost;
    IF lost IS NOT NULL THEN
      RAISE EXCEPTION 'row % of % is still referred to by % of %', lost, TG_TABLE_NAME, TG_ARGV[place + 1], TG_ARGV[place]
        USING ERRCODE = 'foreign_key_violation';
    END IF;
    place := place + 2;
  END LOOP;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION spm_key_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'row % of % keeps its key: other rows refer to it', OLD.id, TG_TABLE_NAME USING ERRCODE = 'foreign_key_violation';
END $$;

-- Statistics of tables of which a tenth was just changed: autovacuum's own measure, without its minute. Until then the planner takes a
-- table that was filled for an empty one. Only an owner may analyze. One that somebody else analyzes or indexes is left to them.
CREATE OR REPLACE FUNCTION spm_statistics(changed bigint, VARIADIC tables text[]) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE one record;
BEGIN
  FOR one IN SELECT oid FROM pg_class
    WHERE oid = ANY (tables::regclass[]) AND relnamespace = 'public'::regnamespace AND changed * 10 >= reltuples LOOP
    EXECUTE format('ANALYZE (SKIP_LOCKED) %s', one.oid::regclass);
  END LOOP;
END $$;

-- The audit functions run as the owner, so that the app's role can read the audit but never write it.
-- Secrets are never copied into an audit entry; that one changed is.
DROP FUNCTION IF EXISTS spm_redact(jsonb);
CREATE OR REPLACE FUNCTION spm_redact(entry jsonb, other jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN entry ?| ARRAY['password', 'digest', 'token', 'token_key', 'secret', 'credentials', 'api_key'] THEN (
      SELECT jsonb_object_agg(key, CASE
        WHEN key <> ALL (ARRAY['password', 'digest', 'token', 'token_key', 'secret', 'credentials', 'api_key']) THEN value
        WHEN other IS NOT NULL AND other->key IS DISTINCT FROM value THEN '"hidden, changed"'::jsonb
        ELSE '"hidden"'::jsonb END)
      FROM jsonb_each(entry))
    ELSE entry END
$$;

CREATE OR REPLACE FUNCTION spm_audit() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE who jsonb := coalesce(nullif(current_setting('app.actor', true), ''), '{"name": "unknown", "via": "sql"}')::jsonb;
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_entry (organisation_id, at, actor, user_id, via, request_id, table_name, row_id, verb, before, after)
    SELECT n.organisation_id, clock_timestamp(), who->>'name', (who->>'user_id')::bigint, who->>'via', coalesce(who->>'request', ''),
           TG_TABLE_NAME, n.id::text, 'insert', NULL, spm_redact(to_jsonb(n), NULL) FROM after_rows n;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_entry (organisation_id, at, actor, user_id, via, request_id, table_name, row_id, verb, before, after)
    SELECT n.organisation_id, clock_timestamp(), who->>'name', (who->>'user_id')::bigint, who->>'via', coalesce(who->>'request', ''),
           TG_TABLE_NAME, n.id::text, 'update', spm_redact(to_jsonb(o), NULL), spm_redact(to_jsonb(n), to_jsonb(o))
    FROM after_rows n JOIN before_rows o USING (organisation_id, id) WHERE o IS DISTINCT FROM n;
  ELSE
    INSERT INTO audit_entry (organisation_id, at, actor, user_id, via, request_id, table_name, row_id, verb, before, after)
    SELECT o.organisation_id, clock_timestamp(), who->>'name', (who->>'user_id')::bigint, who->>'via', coalesce(who->>'request', ''),
           TG_TABLE_NAME, o.id::text, 'delete', spm_redact(to_jsonb(o), NULL), NULL FROM before_rows o;
  END IF;
  RETURN NULL;
END $$;

-- Which company a row of a global table speaks of, where it speaks of one: that company reads the entry.
CREATE OR REPLACE FUNCTION spm_company_of(table_name text, entry jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT (CASE WHEN table_name = 'tenancy_organisation' THEN entry->>'id' ELSE entry->>'organisation_id' END)::bigint
$$;

CREATE OR REPLACE FUNCTION spm_audit_platform() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  who jsonb := coalesce(nullif(current_setting('app.actor', true), ''), '{"name": "unknown", "via": "sql"}')::jsonb;
  -- The second factor of allauth keeps its secret in "data".
  hidden text := CASE WHEN TG_TABLE_NAME = 'mfa_authenticator' THEN 'data' ELSE '' END;
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_platformentry (at, actor, user_id, via, table_name, row_id, organisation_id, verb, before, after)
    SELECT clock_timestamp(), who->>'name', (who->>'user_id')::bigint, who->>'via', TG_TABLE_NAME, to_jsonb(n)->>'id',
           spm_company_of(TG_TABLE_NAME, to_jsonb(n)), 'insert', NULL, spm_redact(to_jsonb(n) - hidden, NULL) FROM after_rows n;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_platformentry (at, actor, user_id, via, table_name, row_id, organisation_id, verb, before, after)
    SELECT clock_timestamp(), who->>'name', (who->>'user_id')::bigint, who->>'via', TG_TABLE_NAME, to_jsonb(n)->>'id',
           spm_company_of(TG_TABLE_NAME, to_jsonb(n)), 'update', spm_redact(to_jsonb(o) - hidden, NULL),
           spm_redact(to_jsonb(n) - hidden, to_jsonb(o) - hidden)
    FROM after_rows n JOIN before_rows o ON to_jsonb(o)->>'id' = to_jsonb(n)->>'id' WHERE o IS DISTINCT FROM n;
  ELSE
    INSERT INTO audit_platformentry (at, actor, user_id, via, table_name, row_id, organisation_id, verb, before, after)
    SELECT clock_timestamp(), who->>'name', (who->>'user_id')::bigint, who->>'via', TG_TABLE_NAME, to_jsonb(o)->>'id',
           spm_company_of(TG_TABLE_NAME, to_jsonb(o)), 'delete', spm_redact(to_jsonb(o) - hidden, NULL), NULL FROM before_rows o;
  END IF;
  RETURN NULL;
END $$;
