#!/bin/sh
# Run once by the postgres image when its volume is empty.
set -eu
psql --username "$POSTGRES_USER" --dbname postgres --no-psqlrc --quiet \
  --set owner_password="$SPM_OWNER_PASSWORD" --set app_password="$SPM_APP_PASSWORD" \
  --file /docker-entrypoint-initdb.d/sql/roles.sql
