package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ory/dockertest/v3"
	"github.com/ory/dockertest/v3/docker"
)

// image is the server's image, which Docker fetches when it is not there.
const (
	repository = "postgis/postgis"
	tag        = "15-3.3"
)

// password guards the published port, which only this machine can reach, from
// nothing but accidents: what is behind it is thrown away.
const password = "freehold"

// idleScript starts the image's own entry point and stops the server once
// nobody has been connected for a while.
//
//go:embed idle.sh
var idleScript string

// errNoDaemon says that no Docker daemon answers.
var errNoDaemon = errors.New("no Docker daemon answers")

// start starts a container and returns the DSN of its maintenance database when
// it accepts connections. It returns [errNoDaemon] when there is no Docker.
func start(ctx context.Context, linger time.Duration) (string, error) {
	pool, err := dockertest.NewPool("")
	if err != nil {
		return "", fmt.Errorf("%w: %w", errNoDaemon, err)
	}
	if err := pool.Client.PingWithContext(ctx); err != nil {
		return "", fmt.Errorf("%w: %w", errNoDaemon, err)
	}
	container, err := pool.RunWithOptions(&dockertest.RunOptions{
		Repository: repository,
		Tag:        tag,
		Env:        []string{"POSTGRES_PASSWORD=" + password, "PGDATA=/var/lib/postgresql/data/pg"},
		Entrypoint: []string{"bash", "-c", idleScript, "idle", strconv.Itoa(max(1, int(linger.Seconds())))},
		Cmd: []string{"postgres", "-c", "fsync=off", "-c", "full_page_writes=off",
			"-c", "max_connections=300", "-c", "timezone=UTC", "-c", "jit=off"},
		Labels: map[string]string{"org.freehold.throwaway": "true"},
		PortBindings: map[docker.Port][]docker.PortBinding{
			port: {{HostIP: "127.0.0.1", HostPort: "0"}},
		},
	}, func(h *docker.HostConfig) {
		h.AutoRemove = true
		h.RestartPolicy = docker.NeverRestart()
		h.Tmpfs = map[string]string{"/var/lib/postgresql/data": "rw"}
	})
	if err != nil {
		return "", fmt.Errorf("starting %s:%s: %w", repository, tag, err)
	}
	dsn, err := connect(ctx, addresses(container), func() bool {
		c, err := pool.Client.InspectContainerWithContext(container.Container.ID, ctx)
		return err == nil && c.State.Running
	})
	if err != nil {
		_ = container.Close() // it removes itself when it has stopped
		return "", err
	}
	return dsn, nil
}

// port is where the server listens inside the container.
const port = docker.Port("5432/tcp")

// addresses lists where the server may be reached: at the port that Docker has
// published on this machine, or at the container's own address.
func addresses(c *dockertest.Resource) []string {
	var list []string
	if published := c.GetHostPort(string(port)); published != "" {
		list = append(list, published)
	}
	if ip := c.Container.NetworkSettings.IPAddress; ip != "" {
		list = append(list, net.JoinHostPort(ip, port.Port()))
	}
	return list
}

// patience bounds the start of a server whose image is there.
const patience = 90 * time.Second

// connect waits until the server answers at one of the addresses and returns
// its DSN, for as long as the container is running. The image starts a server for
// its own setup first; that one listens on no port, so it is never met here.
func connect(ctx context.Context, addresses []string, running func() bool) (string, error) {
	if len(addresses) == 0 {
		return "", errors.New("the container has no address")
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		var errs []error
		for _, address := range addresses {
			u := url.URL{Scheme: "postgres", User: url.UserPassword("postgres", password), Host: address,
				Path: "/postgres", RawQuery: "sslmode=disable&connect_timeout=2"}
			conn, err := pgx.Connect(ctx, u.String())
			if err == nil {
				return u.String(), conn.Close(ctx)
			}
			errs = append(errs, err)
		}
		if !running() {
			return "", errors.New("the container has stopped before its server was ready")
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("waiting for the server in the container at %s: %w",
				strings.Join(addresses, ", "), errors.Join(errs...))
		case <-time.After(50 * time.Millisecond):
		}
	}
}
