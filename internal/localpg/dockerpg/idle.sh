# Runs the image's entry point, and stops the server when no client has been
# connected for $1 seconds. The first client has a minute more to come.
linger=$1
shift
docker-entrypoint.sh "$@" &
server=$!
trap 'kill -INT $server' TERM INT

clients="SELECT count(*) FROM pg_stat_activity
	WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
idle=-60
while sleep 1 && kill -0 $server 2>/dev/null; do
	n=$(psql -U postgres -d postgres -Atqc "$clients" 2>/dev/null) || n=
	case $n in
	'' | 0) idle=$((idle + 1)) ;;
	*) idle=0 ;;
	esac
	if [ "$idle" -gt "$linger" ]; then
		kill -INT $server
		break
	fi
done
wait $server
