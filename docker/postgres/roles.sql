-- The two roles and the database of the product, as spm/embedded/roles.py makes them on the embedded server.
-- spm_owner owns the database and every table, and migrates; spm_app owns nothing and can't step around row-level security.
-- Rights on tables are not given here: `manage.py migrate` raises the walls. Run by psql with the variables owner_password, app_password.
\set ON_ERROR_STOP on

SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY['spm_owner', 'spm_app']) AS name
WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = name) \gexec

ALTER ROLE spm_owner LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION CREATEDB BYPASSRLS PASSWORD :'owner_password';
ALTER ROLE spm_app LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOCREATEDB NOBYPASSRLS PASSWORD :'app_password';

SELECT 'CREATE DATABASE spm OWNER spm_owner TEMPLATE template0 ENCODING ''UTF8'' LOCALE_PROVIDER libc LOCALE ''C.UTF-8'''
WHERE NOT EXISTS (SELECT 1 FROM pg_database WHERE datname = 'spm') \gexec

ALTER DATABASE spm OWNER TO spm_owner;
REVOKE ALL ON DATABASE spm FROM PUBLIC;
GRANT CONNECT ON DATABASE spm TO spm_app;

\connect spm
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO spm_owner;
GRANT USAGE ON SCHEMA public TO spm_app;
