// Command httpapi wraps a few verbs of the library in a JSON API, as a team
// that builds its own product would.
//
//	go run ./examples/httpapi [-addr HOST:PORT] [-dsn DSN]
//
//	POST /v1/properties                        register a property
//	GET  /v1/properties?state=&limit=&after=   list properties, a page at a time
//	GET  /v1/properties/{property}
//	POST /v1/offerings                         create an offering, as a draft
//	GET  /v1/offerings/{offering}
//	POST /v1/offerings/{offering}/open         let it take commitments
//	POST /v1/investors                         register an accredited investor
//	GET  /v1/investors/{investor}/portfolio
//	POST /v1/offerings/{offering}/commitments  commit           (Idempotency-Key)
//	POST /v1/commitments/{commitment}/receipts fund             (Idempotency-Key)
//	POST /v1/offerings/{offering}/distributions declare         (Idempotency-Key)
//	POST /v1/distributions/{distribution}/approve
//	POST /v1/distributions/{distribution}/pay  pay              (Idempotency-Key)
//	GET  /healthz
//
// Errors are problem documents (RFC 9457) with the library's stable code, and
// every bad field at once. Amounts are strings such as "1234.50", dates such as
// "2026-03-31".
//
// The API authenticates nobody: it believes the header Acting-User, the id of a
// user, because a gateway in front of it has set it. Run it behind one, which
// also decides who may call what: here only the verbs refuse, such as an
// approval by whoever declared.
//
// Without -dsn it runs on a throw-away PostgreSQL. There, and with -demo, it
// makes two users and prints their ids, for the header.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
)

// options is the command line.
type options struct {
	addr string
	dsn  string
	demo bool
}

func main() {
	var o options
	flag.StringVar(&o.addr, "addr", "127.0.0.1:8080", "where to listen")
	flag.StringVar(&o.dsn, "dsn", "", "the database; without it a throw-away one is used")
	flag.BoolVar(&o.demo, "demo", false, "make the users manager@example.com and approver@example.com and print their ids")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "httpapi:", err)
		os.Exit(1)
	}
}

// policy lets the staff enter what investors committed to on paper; by default only
// investors themselves commit.
func policy() investments.Policy {
	return investments.Policy{Rules: map[investments.Verb]investments.Rule{
		investments.VerbCommit: {Action: auth.ActionCreate, Kind: auth.KindCommitment, Party: investments.AnyParty}}}
}

func run(ctx context.Context, o options, stdout, stderr io.Writer) (err error) {
	logger := slog.New(slog.NewTextHandler(stderr, nil))
	db, err := open(ctx, o.dsn, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	platform, err := realestate.New(realestate.Config{Scope: "httpapi", Logger: logger, Policy: policy()})
	if err != nil {
		return err
	}
	if o.demo || db.throwaway() {
		if err := addStaff(ctx, platform, db.DB, stdout); err != nil {
			return err
		}
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.addr)
	if err != nil {
		return err
	}
	logger.InfoContext(ctx, "listening", "addr", listener.Addr().String())
	a := &api{platform: platform, db: db.DB, log: logger, now: time.Now}
	return serve(ctx, listener, a.handler(), logger)
}
