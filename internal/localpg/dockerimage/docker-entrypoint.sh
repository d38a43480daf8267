#!/bin/bash
# Makes the cluster on first start, as the public image does, and runs the server as
# the user postgres.
set -eu

if [ "${1:-}" != postgres ]; then
	exec "$@"
fi

PGDATA=${PGDATA:-/var/lib/postgresql/data}
POSTGRES_USER=${POSTGRES_USER:-postgres}
POSTGRES_DB=${POSTGRES_DB:-$POSTGRES_USER}

if [ "$(id -u)" = 0 ]; then
	mkdir -p "$PGDATA" /var/run/postgresql
	chown -R postgres:postgres "$PGDATA" /var/run/postgresql
	chmod 700 "$PGDATA"
	exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
	if [ -z "${POSTGRES_PASSWORD:-}" ]; then
		echo "POSTGRES_PASSWORD must be set" >&2
		exit 1
	fi
	initdb -D "$PGDATA" --username="$POSTGRES_USER" --pwfile=<(echo "$POSTGRES_PASSWORD") \
		--auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8
	echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"

	# A server for the setup, which no port leads to.
	pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -c unix_socket_directories=/var/run/postgresql" -w start
	run() { psql -v ON_ERROR_STOP=1 -h /var/run/postgresql -U "$POSTGRES_USER" --no-password "$@"; }
	if [ "$POSTGRES_DB" != postgres ]; then
		run -d postgres -v name="$POSTGRES_DB" <<<'CREATE DATABASE :"name"'
	fi
	for database in template1 "$POSTGRES_DB"; do
		run -d "$database" -c "CREATE EXTENSION IF NOT EXISTS postgis"
	done
	pg_ctl -D "$PGDATA" -m fast -w stop
fi

exec "$@" -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/var/run/postgresql
