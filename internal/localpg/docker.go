package localpg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// ErrNoDaemon says that no Docker daemon answers.
var ErrNoDaemon = errors.New("no Docker daemon answers")

// exitNoDaemon is the exit status by which the program dockerpg says it.
const exitNoDaemon = 3

// socket is where Docker's daemon listens when the environment names no other place.
const socket = "/var/run/docker.sock"

// absent is what a host reads whose module cache holds the library alone.
const absent = "%s is not there: the road through Docker is a Go module of its own, which a checkout of Freehold has " +
	"and the module cache of a program that uses it has not; there, start a container by hand: " +
	"docker run -d -e POSTGRES_PASSWORD=freehold -p 127.0.0.1:5432:5432 postgis/postgis:15-3.3 " +
	"and set " + EnvDSN + "=postgres://postgres:freehold@localhost:5432/postgres"

// dockerSource is the folder of the program dockerpg, beside this file.
func dockerSource() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "dockerpg")
}

// daemonNamed reports whether there may be a Docker daemon, so that a machine without
// one does not build a program to find that out.
func daemonNamed(getenv func(string) string) bool {
	for _, name := range []string{"DOCKER_HOST", "DOCKER_URL", "DOCKER_MACHINE_NAME"} {
		if getenv(name) != "" {
			return true
		}
	}
	_, err := os.Stat(socket)
	return err == nil || runtime.GOOS == "windows" // there it listens on a named pipe
}

// startContainer builds the program dockerpg and lets it start a server in a container,
// whose DSN it returns. The container stops by itself once nobody has been connected to
// it for linger. The caller holds the lock.
func (o Options) startContainer(ctx context.Context, linger time.Duration) (dsn string, err error) {
	if !daemonNamed(o.getenv) {
		return "", fmt.Errorf("%w: there is no %s, and DOCKER_HOST is not set", ErrNoDaemon, socket)
	}
	if _, err := os.Stat(filepath.Join(o.docker, "go.mod")); err != nil {
		return "", fmt.Errorf(absent, o.docker)
	}
	program := filepath.Join(o.base, "dockerpg")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	// Nothing of the module that this process is run from may lead the build astray.
	build := exec.CommandContext(ctx, "go", "build", "-C", o.docker, "-mod=readonly", "-o", program, ".")
	build.Env = append(os.Environ(), "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the program that starts a container: %w: %s", err, bytes.TrimSpace(out))
	}
	run := exec.CommandContext(ctx, program, "-linger", linger.String())
	var said strings.Builder
	run.Stderr = &said
	out, err := run.Output()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == exitNoDaemon:
		return "", fmt.Errorf("%w: %s", ErrNoDaemon, strings.TrimSpace(said.String()))
	case err != nil:
		return "", fmt.Errorf("starting a container: %w: %s", err, strings.TrimSpace(said.String()))
	}
	return strings.TrimSpace(string(out)), nil
}
