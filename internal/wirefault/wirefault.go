// Package wirefault makes COMMITs fail between a program and its server, so that a
// test can see whether what a program does is safe to be run again. Only tests use it.
package wirefault

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// Fault is what happens to a COMMIT.
type Fault string

// The faults.
const (
	None          Fault = ""
	Serialization Fault = "40001" // the server refuses it, and the transaction is undone
	Lost          Fault = "lost"  // it is done, and its answer never comes
)

// Faults are all of them.
func Faults() []Fault { return []Fault{Serialization, Lost} }

// EveryOther fails every other COMMIT with one fault, beginning with the first behind
// those that it skips. Failed counts them.
type EveryOther struct {
	Fault  Fault
	Skip   int64
	n      atomic.Int64
	Failed atomic.Int64
}

func (e *EveryOther) next() Fault {
	if n := e.n.Add(1) - e.Skip; n < 1 || n%2 == 0 {
		return None
	}
	e.Failed.Add(1)
	return e.Fault
}

// commit is COMMIT as pgx sends it, behind the type and the length of the message.
var commit = []byte("commit\x00")

func isCommit(msg []byte) bool {
	return len(msg) == 5+len(commit) && msg[0] == 'Q' && bytes.EqualFold(msg[5:], commit)
}

// refusal fails the transaction, as a serializable one may fail at its end.
var refusal = func() []byte {
	const query = "DO $$ BEGIN RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001'; END $$\x00"
	msg := append([]byte{'Q', 0, 0, 0, 0}, query...)
	binary.BigEndian.PutUint32(msg[1:], uint32(len(msg)-1))
	return msg
}()

// Proxy stands in front of the server of a DSN and returns the DSN to reach it by. Each
// COMMIT fares as e says.
func Proxy(t testing.TB, dsn string, e *EveryOther) string {
	t.Helper()
	cfg, err := pgx.ParseConfig(dsn)
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	network, addr := pgconn.NetworkAddress(cfg.Host, cfg.Port)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return // closed
			}
			wg.Go(func() { carry(client, network, addr, e) })
		}
	})
	t.Cleanup(func() { require.NoError(t, listener.Close()); wg.Wait() })
	u := url.URL{Scheme: "postgres", User: url.UserPassword(cfg.User, cfg.Password), Host: listener.Addr().String(), Path: "/" + cfg.Database, RawQuery: "sslmode=disable"}
	return u.String()
}

// carry carries one connection until an end closes it.
func carry(client net.Conn, network, addr string, e *EveryOther) {
	var dialer net.Dialer
	server, err := dialer.DialContext(context.Background(), network, addr)
	if err != nil {
		_ = client.Close()
		return
	}
	var muted atomic.Bool
	closeBoth := func() { _ = client.Close(); _ = server.Close() }
	go func() {
		defer closeBoth()
		buf := make([]byte, 32<<10)
		for {
			n, err := server.Read(buf)
			if err != nil || muted.Load() {
				return // what was answered is lost
			}
			if _, err := client.Write(buf[:n]); err != nil {
				return
			}
		}
	}()
	defer closeBoth()
	reading := false // in a transaction that only reads, which the library does not run again
	for startup := true; ; startup = false {
		msg, err := Message(client, startup)
		if err != nil {
			return
		}
		if !startup && len(msg) < 256 {
			reading = bytes.Contains(bytes.ToLower(msg), []byte("read only")) || reading && !bytes.HasPrefix(msg[5:], []byte("begin"))
		}
		if !startup && isCommit(msg) && !reading {
			switch e.next() {
			case Serialization:
				msg = refusal
			case Lost:
				muted.Store(true)
			}
		}
		if _, err := server.Write(msg); err != nil {
			return
		}
		if muted.Load() {
			_, _ = io.Copy(io.Discard, client) // the other side closes it
			return
		}
	}
}

// Message reads one message of a client of PostgreSQL; the first has no type.
func Message(from io.Reader, startup bool) ([]byte, error) {
	head := make([]byte, 5)
	if startup {
		head = head[:4]
	}
	if _, err := io.ReadFull(from, head); err != nil {
		return nil, err
	}
	size := int(binary.BigEndian.Uint32(head[len(head)-4:])) - 4
	msg := append(head, make([]byte, size)...)
	_, err := io.ReadFull(from, msg[len(head):])
	return msg, err
}

// Open opens a database on which those COMMITs fare as e says that realestate.Do sends.
func Open(dsn string, e *EveryOther) (*bun.DB, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	dial := cfg.DialFunc
	cfg.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		return line{c, e}, err
	}
	return bun.NewDB(stdlib.OpenDB(*cfg), pgdialect.New()), nil
}

// line is a connection whose messages are written by who sends them.
type line struct {
	net.Conn
	e *EveryOther
}

func (l line) Write(msg []byte) (int, error) {
	if !isCommit(msg) || !insideDo() {
		return l.Conn.Write(msg)
	}
	switch l.e.next() {
	case Serialization:
		_, err := l.Conn.Write(refusal)
		return len(msg), err
	case Lost:
		n, err := l.Conn.Write(msg)
		_, _ = l.Conn.Read(make([]byte, 1)) // the server has answered, so it has committed
		_ = l.Conn.Close()
		return n, err
	}
	return l.Conn.Write(msg)
}

// insideDo reports whether realestate.Do is among the callers.
func insideDo() bool {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		f, more := frames.Next()
		if strings.HasSuffix(f.Function, "realestate.Retry.Do") {
			return true
		}
		if !more {
			return false
		}
	}
}
