# Runs one throw-away PostgreSQL cluster for as long as somebody holds the named
# pipe $dir/alive open for writing, and removes the cluster afterwards.
# Arguments: the cluster's directory, how many half seconds to linger without any
# writer, then the server's command line. It starts the server when told to.
dir=$1 linger=$2
shift 2
exec 3<"$dir/alive" || exit 1
pid= idle=0

run() {
	# It is only told so when the last one has ended; its process must be reaped,
	# or the next one finds it alive.
	[ -n "$pid" ] && wait "$pid"
	"$@" >>"$dir/log" 2>&1 3<&- </dev/null &
	pid=$!
}

while [ "$idle" -le "$linger" ]; do
	if read -r word <&3; then
		idle=0
		[ "$word" = start ] && run "$@"
	else
		# End of file: no writer is left. A new one may still come.
		idle=$((idle + 1))
		[ "$idle" -le "$linger" ] && sleep 0.5 3<&-
	fi
done

# From here on nobody new can find the pipe; whoever came just before is served.
mv "$dir/alive" "$dir/closed"
while read -r word <&3; do :; done

if [ -n "$pid" ]; then
	kill -QUIT "$pid" 2>/dev/null
	# A server that has only just been started does not listen yet.
	{
		sleep 1
		kill -QUIT "$pid"
		sleep 10
		kill -KILL "$pid"
	} >/dev/null 2>&1 3<&- &
	again=$!
	wait "$pid"
	kill "$again"
fi
rm -rf "$dir"
