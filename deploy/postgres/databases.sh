#!/bin/bash
# Runs once, on an empty data folder: for each service a role that owns a database of the same name and can enter no
# other. The password is the one in the service's own address.
set -euo pipefail

for service in registry territory credit training portal; do
  account=$(sed 's|^postgresql://||; s|@.*||' "/run/secrets/${service}_database_url")
  if [[ ${account%%:*} != "$service" ]]; then
    echo "${service}_database_url: the role must be called $service" >&2
    exit 1
  fi
  psql --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set service="$service" --set password="${account#*:}" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service" TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'es';
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
done

# Only a superuser may create this extension; the migrations then find it there.
for service in registry territory; do
  psql --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$service" \
    --command 'CREATE EXTENSION IF NOT EXISTS postgis'
done
