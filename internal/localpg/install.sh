#!/usr/bin/env bash
# Makes sure that a PostgreSQL with PostGIS can be started or reached. Installs it
# from Debian's or Ubuntu's own packages; elsewhere it says what to install.
set -euo pipefail

found() {
	local control bin
	for control in /usr/share/postgresql/*/extension/postgis.control \
		/usr/pgsql-*/share/extension/postgis.control \
		/opt/homebrew/share/postgresql*/extension/postgis.control \
		/usr/local/share/postgresql*/extension/postgis.control; do
		[ -e "$control" ] || continue
		for bin in /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb /opt/homebrew/bin/initdb /usr/local/bin/initdb; do
			[ -x "$bin" ] && return 0
		done
	done
	return 1
}

if [ -n "${FREEHOLD_DSN:-}" ] || found; then
	exit 0
fi

docker_answers() { command -v docker >/dev/null && docker info >/dev/null 2>&1; }

if command -v apt-get >/dev/null && { [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null || ! docker_answers; }; then
	sudo=""
	if [ "$(id -u)" -ne 0 ]; then
		sudo="sudo"
		command -v sudo >/dev/null || { echo "run as root: apt-get install -y postgresql postgresql-postgis" >&2; exit 1; }
	fi
	echo "installing PostgreSQL with PostGIS from the system's packages" >&2
	$sudo apt-get update -qq
	# No cluster of the system's own: the tests start throw-away ones.
	$sudo mkdir -p /etc/postgresql-common/createcluster.d
	echo "create_main_cluster = false" | $sudo tee /etc/postgresql-common/createcluster.d/freehold.conf >/dev/null
	version="$(apt-cache depends postgresql | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | head -n 1)"
	[ -n "$version" ] || version=15
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
		"postgresql-$version" "postgresql-$version-postgis-3" >/dev/null
	found && exit 0
	echo "the packages were installed, but no postgis.control was found" >&2
	exit 1
fi

cat >&2 <<'TXT'
Freehold needs a PostgreSQL (14 or later) with PostGIS. One of:
  macOS:           brew install postgresql@17 postgis
  Fedora, RHEL:    dnf install postgresql-server postgis
  Arch:            pacman -S postgresql postgis
  any, Docker:     have a Docker daemon running; postgis/postgis is used
  any, a server:   FREEHOLD_DSN=postgres://user@host/database (a role that may create databases)
TXT
if docker_answers; then
	echo "a Docker daemon answers; going on with it" >&2
	exit 0
fi
exit 1
