package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/realestatetest"
	"github.com/freehold-go/freehold/realestate/vault"
)

// Each kind of fault has its status, and what nobody expected tells nothing.
func TestProblem(t *testing.T) {
	t.Parallel()
	var f fault.Fields
	f.Add("name", "required", "a name is needed")
	f.AddErr("units[1]", fault.New(fault.Conflict, "unit_exists", "twice"))
	for _, c := range []struct {
		err    error
		status int
		code   string
	}{
		{fault.New(fault.NotFound, "gone", "gone"), 404, "gone"},
		{fault.New(fault.Invalid, "bad", "bad").On("amount"), 422, "bad"},
		{fault.New(fault.Conflict, "taken", "taken"), 409, "taken"},
		{fault.New(fault.Illegal, "closed", "closed"), 409, "closed"},
		{fault.New(fault.Forbidden, "no", "no"), 403, "no"},
		{fault.New(fault.Unavailable, "busy", "busy"), 503, "busy"},
		{fault.New(fault.Unknown, "commit_unknown", "lost"), 500, "commit_unknown"},
		{errors.Join(fault.New(fault.Unknown, "commit_unknown", "lost"), context.DeadlineExceeded), 500, "commit_unknown"},
		{fmt.Errorf("reading: %w", context.DeadlineExceeded), 503, "timeout"},
		{f.Err(), 422, "validation"},
		{errors.New("Key (email)=(ada@example.com)"), 500, "internal"},
	} {
		p := problemOf(c.err)
		require.Equal(t, c.status, p.Status, c.err)
		require.Equal(t, c.code, p.Code, c.err)
		require.Equal(t, http.StatusText(c.status), p.Title)
		require.NotContains(t, p.Detail, "ada")
	}
	require.Contains(t, problemOf(fault.New(fault.Unknown, "commit_unknown", "lost")).Detail, "same Idempotency-Key")
	require.Len(t, problemOf(f.Err()).Errors, 2)
}

// A client that should ask again is told so, and the log never repeats the text
// of an error that may quote a row.
func TestFail(t *testing.T) {
	t.Parallel()
	log := &buffer{}
	a := &api{log: slog.New(slog.NewTextHandler(log, nil))}
	for retry, list := range map[string][]error{
		"1": {fault.New(fault.Unavailable, "busy", "busy"), fault.New(fault.Unknown, "commit_unknown", "lost"), context.DeadlineExceeded},
		"": {fault.New(fault.Invalid, "bad", "bad"), errors.New("ada@example.com"),
			&pgconn.PgError{Code: "23505", Detail: "Key (email)=(ada@example.com) already exists"}},
	} {
		for _, err := range list {
			w := httptest.NewRecorder()
			a.fail(w, httptest.NewRequestWithContext(t.Context(), "GET", "/", nil), err)
			require.Equal(t, retry, w.Header().Get("Retry-After"), err)
			require.NotContains(t, w.Body.String(), "ada@example.com")
		}
	}
	require.Contains(t, log.String(), "error.code=commit_unknown")
	require.Contains(t, log.String(), "error.sqlstate=23505")
	require.NotContains(t, log.String(), "ada@example.com")
	require.NotContains(t, log.String(), "code=bad", "a client's mistake is no error of ours")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	a.fail(w, httptest.NewRequestWithContext(ctx, "GET", "/", nil), context.Canceled)
	require.Empty(t, w.Body.String(), "nobody reads it")
}

// A server that is told to stop finishes what it has begun.
func TestServe_finishesRequests(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	begun, release := make(chan struct{}), make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-release
		_, _ = io.WriteString(w, "done")
	})
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- serve(ctx, listener, h, slog.New(slog.DiscardHandler)) }()
	answered := make(chan string, 1)
	go func() {
		res, err := http.Get("http://" + listener.Addr().String())
		if err != nil {
			answered <- err.Error()
			return
		}
		defer func() { _ = res.Body.Close() }()
		text, _ := io.ReadAll(res.Body)
		answered <- string(text)
	}()
	<-begun
	stop()
	require.Eventually(t, func() bool { // the listener closes at once
		c, err := net.Dial("tcp", listener.Addr().String())
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	}, 5*time.Second, 5*time.Millisecond)
	close(release)
	require.Equal(t, "done", <-answered)
	require.NoError(t, <-served)
}

func TestHealth(t *testing.T) {
	t.Parallel()
	c := newClient(t).as("")
	c.want(http.StatusOK, "GET", "/healthz", "")
	require.NoError(t, c.api.db.Close())
	require.Equal(t, "database_unavailable", c.want(http.StatusServiceUnavailable, "GET", "/healthz", "")["code"])
}

// The whole program: it migrates, makes its users once, listens, and stops when
// it is told to.
func TestRun(t *testing.T) {
	t.Parallel()
	dsn := realestatetest.DSN(t, realestatetest.DB(t))
	var users []string
	for range 2 {
		ctx, stop := context.WithCancel(t.Context())
		stdout, stderr, ended := &buffer{}, &buffer{}, make(chan error, 1)
		go func() { ended <- run(ctx, options{addr: "127.0.0.1:0", dsn: dsn, demo: true}, stdout, stderr) }()
		listening := regexp.MustCompile(`addr=(\S+)`)
		require.Eventually(t, func() bool { return listening.MatchString(stderr.String()) }, time.Minute, 10*time.Millisecond)
		res, err := http.Get("http://" + listening.FindStringSubmatch(stderr.String())[1] + "/healthz")
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, http.StatusOK, res.StatusCode)
		stop()
		require.NoError(t, <-ended)
		users = append(users, stdout.String())
	}
	require.Equal(t, 3, strings.Count(users[0], "  password: "))
	require.Equal(t, 3, strings.Count(users[1], " has a password"), "passwords are printed once")
	require.Equal(t, 3, strings.Count(users[1], "\n"))
}

func TestRun_noDatabase(t *testing.T) {
	t.Parallel()
	o := options{addr: "127.0.0.1:0", dsn: "postgres://nobody@127.0.0.1:1/none"}
	require.ErrorIs(t, run(t.Context(), o, io.Discard, io.Discard), fault.Unavailable)
}

func TestOptions_vault(t *testing.T) {
	t.Parallel()
	v, err := options{}.vault(false)
	require.NoError(t, err)
	require.Nil(t, v, "without a key nothing is sealed")
	for _, o := range []options{{vaultKey: "3f1c9a07be52d8461b0e7fa49c35d2680f1e4b97a8c6d35027b9e184fa60c3d5"}, {}} {
		v, err = o.vault(true)
		require.NoError(t, err)
		require.NotNil(t, v)
	}
	for _, bad := range []string{"0f", "key"} {
		_, err = options{vaultKey: bad}.vault(true)
		require.ErrorIs(t, err, vault.ErrKeys)
	}
}
