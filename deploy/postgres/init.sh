#!/bin/sh
# Runs once, when the volume is empty: a database and its owner for each service that keeps something.
# No service can open another's.
set -eu
for service in ingest scoring leaderboard commission; do
    psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
        --set name="$service" --set password="$(cat "/run/secrets/${service}_db_password")" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name" ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
