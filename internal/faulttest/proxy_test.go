package faulttest

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/wirefault"
)

// cut is a way to lose a connection.
type cut string

const (
	whole    cut = ""                          // not at all
	before   cut = "before the message"        // the server never sees it
	half     cut = "in the middle of it"       // nor all of it
	behind   cut = "right behind it"           // the server may be at it
	answered cut = "behind the unheard answer" // the server has done it
)

// proxy stands between clients and the server on a port of the loopback. It
// follows what clients say, message by message, and cuts lines.
type proxy struct {
	listener      net.Listener
	network, addr string // of the server
	commits       float64
	others        float64 // the part of COMMITs and of other messages that are cut

	mu   sync.Mutex
	rnd  *rand.Rand
	cuts map[cut]int // at COMMIT
	rest int         // elsewhere
	wg   sync.WaitGroup
}

// newProxy returns a proxy in front of the server of a DSN, and the DSN to reach
// it by.
func newProxy(t *testing.T, dsn string, rnd *rand.Rand, commits, others float64) (*proxy, string) {
	t.Helper()
	cfg, err := pgx.ParseConfig(dsn)
	require.NoError(t, err)
	p := &proxy{rnd: rnd, commits: commits, others: others, cuts: map[cut]int{}}
	p.network, p.addr = pgconn.NetworkAddress(cfg.Host, cfg.Port)
	p.listener, err = net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p.wg.Go(p.serve)
	t.Cleanup(func() { require.NoError(t, p.listener.Close()); p.wg.Wait() })
	u := url.URL{Scheme: "postgres", User: url.UserPassword(cfg.User, cfg.Password), Host: p.listener.Addr().String(), Path: "/" + cfg.Database, RawQuery: "sslmode=disable"}
	return p, u.String()
}

func (p *proxy) serve() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		p.wg.Go(func() { p.line(c) })
	}
}

// line carries one connection until an end closes it or it is cut.
func (p *proxy) line(client net.Conn) {
	var dialer net.Dialer
	server, err := dialer.DialContext(context.Background(), p.network, p.addr)
	if err != nil {
		_ = client.Close()
		return
	}
	closeBoth := func() { _ = client.Close(); _ = server.Close() }
	defer closeBoth()
	answers := &hearing{to: client, heard: make(chan struct{})}
	p.wg.Go(func() {
		_, _ = io.Copy(answers, server) // it ends when a side does
		answers.end()
		closeBoth()
	})
	for startup := true; ; startup = false {
		msg, err := wirefault.Message(client, startup)
		if err != nil {
			return
		}
		how := whole
		if !startup {
			how = p.decide(msg)
		}
		switch how {
		case before:
			p.abort(client)
			return
		case half:
			_, _ = server.Write(msg[:len(msg)/2])
			return
		case answered:
			answers.mute()
		}
		if _, err := server.Write(msg); err != nil {
			return
		}
		switch how {
		case behind:
			p.abort(client)
			return
		case answered:
			<-answers.heard
			return
		}
	}
}

// decide chooses how a message fares.
func (p *proxy) decide(msg []byte) cut {
	p.mu.Lock()
	defer p.mu.Unlock()
	if msg[0] == 'Q' && strings.EqualFold(strings.TrimRight(string(msg[5:]), "\x00; "), "commit") {
		if p.rnd.Float64() >= p.commits {
			return whole
		}
		how := []cut{before, half, behind, answered}[p.rnd.IntN(4)]
		p.cuts[how]++
		return how
	}
	// Sync is what the server answers an extended query at.
	if (msg[0] != 'Q' && msg[0] != 'S') || p.rnd.Float64() >= p.others {
		return whole
	}
	p.rest++
	return []cut{before, half, behind, answered}[p.rnd.IntN(4)]
}

// abort makes every second end of a line a reset.
func (p *proxy) abort(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if tcp, ok := c.(*net.TCPConn); ok && p.rnd.IntN(2) == 0 {
		_ = tcp.SetLinger(0)
	}
}

// count is how many lines were cut at COMMIT.
func (p *proxy) count() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.cuts {
		n += c
	}
	return n
}

// hearing passes on what the server says until it is muted; then it only tells
// that something came, or that nothing more will.
type hearing struct {
	to    io.Writer
	heard chan struct{}
	once  sync.Once
	mu    sync.Mutex
	muted bool
}

func (h *hearing) mute() { h.mu.Lock(); h.muted = true; h.mu.Unlock() }
func (h *hearing) end()  { h.once.Do(func() { close(h.heard) }) }

func (h *hearing) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.muted {
		h.end()
		return len(b), nil
	}
	return h.to.Write(b)
}
