#!/bin/sh
# Builds an image postgis/postgis:15-3.3 for the local Docker daemon out of the
# Debian packages installed on this machine, without any network: the server, its
# client programs, PostGIS and the libraries they need.
#
#	internal/localpg/dockerimage/build.sh [REPOSITORY:TAG]
#
# The image keeps the contract of the public image of that name as far as the tests of
# package dockerpg need it: the entry point docker-entrypoint.sh, the variables
# POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB and PGDATA, port 5432. It needs
# Debian 12, root (for the owners of the files) and a Docker daemon.
set -eu

image=${1:-postgis/postgis:15-3.3}
here=$(cd "$(dirname "$0")" && pwd)
version=15

packages="base-files bash coreutils dash grep libc-bin libc6 sed tzdata util-linux
	postgresql-$version postgresql-client-$version
	postgresql-$version-postgis-3 postgresql-$version-postgis-3-scripts"
for package in $packages; do
	dpkg -s "$package" >/dev/null 2>&1 || {
		echo "build.sh: install $package first: apt-get install -y $(echo $packages)" >&2
		exit 1
	}
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir "$root"

# Every file of the packages but documentation and translations. On Debian /bin,
# /lib and /sbin are links into /usr, which the list follows.
in_usr='s#^/\(bin\|sbin\|lib\|lib32\|lib64\|libx32\)/#/usr/\1/#'
for package in $packages; do
	dpkg -L "$package"
done | sed "$in_usr" |
	grep -v -e '^/usr/share/\(doc\|man\|locale\|info\|lintian\|bash-completion\)/' -e '^/\.$' |
	while read -r path; do
		if [ -L "$path" ] || [ -f "$path" ]; then echo "$path"; fi
	done | sort -u >"$work/files"

# The libraries that programs and modules among them load, with the links on the way.
grep -e '/s\?bin/' -e '\.so' "$work/files" | xargs ldd 2>/dev/null | sed -n 's/^[^/]*\(\/[^ ]*\) (0x.*/\1/p' | sort -u |
	while read -r library; do
		echo "$library"
		realpath "$library"
	done | sed "$in_usr" | sort -u >"$work/libraries"

for dir in bin sbin lib lib64; do
	mkdir -p "$root/usr/$dir"
	ln -s "usr/$dir" "$root/$dir"
done
sort -u "$work/files" "$work/libraries" | sed 's#^/##' >"$work/all"
tar -C / -cf - --no-recursion -T "$work/all" | tar -C "$root" -xf -
# The data of the coordinate library, and the extensions' control files, some of
# which are links into /etc/alternatives.
tar -C / -chf - usr/share/proj "usr/share/postgresql/$version/extension" | tar -C "$root" -xf -

# /var/run is a link to /run, absolute in the package: it would lead out of $root.
rm -f "$root/var/run"
mkdir -p "$root/etc" "$root/root" "$root/proc" "$root/sys" "$root/dev" "$root/usr/local/bin" \
	"$root/run/postgresql" "$root/var/lib/postgresql/data" "$root/docker-entrypoint-initdb.d" "$root/tmp"
ln -s ../run "$root/var/run"
chmod 1777 "$root/tmp"
cat >"$root/etc/passwd" <<-PASSWD
	root:x:0:0:root:/root:/bin/bash
	postgres:x:999:999:PostgreSQL:/var/lib/postgresql:/bin/bash
	nobody:x:65534:65534:nobody:/nonexistent:/bin/false
PASSWD
cat >"$root/etc/group" <<-GROUP
	root:x:0:
	postgres:x:999:
	nogroup:x:65534:
GROUP
chown -R 999:999 "$root/run/postgresql" "$root/var/lib/postgresql"
cp "$here/docker-entrypoint.sh" "$root/usr/local/bin/"
chmod 755 "$root/usr/local/bin/docker-entrypoint.sh"
ldconfig -r "$root"

tar -C "$root" -cf - . | docker import \
	--change "ENV PATH=/usr/local/bin:/usr/lib/postgresql/$version/bin:/usr/bin:/bin:/usr/sbin:/sbin" \
	--change "ENV LANG=C.UTF-8" \
	--change "ENV PGDATA=/var/lib/postgresql/data" \
	--change "EXPOSE 5432" \
	--change 'ENTRYPOINT ["docker-entrypoint.sh"]' \
	--change 'CMD ["postgres"]' \
	- "$image"
