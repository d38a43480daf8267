// Command dockerpg is localpg's road through Docker: it starts a server with
// PostGIS in a container, by way of dockertest, prints the DSN of its maintenance
// database and ends.
//
//	dockerpg [-linger 15s]
//
// The container stops, and is removed, when nobody has been connected to it for the
// time that it lingers. So it needs no one to stop it, and a caller that is killed
// leaves nothing behind. The exit status is 3 when no Docker daemon answers, 1 on
// another failure, which standard error explains.
//
// It is a program in a Go module of its own, so that Docker's client is in neither
// the module graph nor the go.sum of a program that uses Freehold. Package localpg
// builds and runs it.
//
// Its tests run wherever a Docker daemon answers. Without a network, `make
// docker-image` builds the image out of Debian's packages (12 to 25 s). Measured
// on 2026-11-22 with a daemon of Docker 20.10 on two cores: a container is up and
// answers after 3.1 to 5.8 s, a test's copy of a database in it takes 38 to 143 ms.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

// exitNoDaemon is the exit status that package localpg knows.
const exitNoDaemon = 3

func main() {
	linger := flag.Duration("linger", 15*time.Second, "how long the container waits for a client")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	dsn, err := start(ctx, *linger)
	switch {
	case errors.Is(err, errNoDaemon):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitNoDaemon)
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(dsn)
}
