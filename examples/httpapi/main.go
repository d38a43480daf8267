// Command httpapi wraps a few verbs of the library in a JSON API, as a team
// that builds its own product would.
//
//	go run ./examples/httpapi [-addr HOST:PORT] [-dsn DSN]
//
//	POST   /v1/session                        sign in: a cookie, or tokens for programs
//	POST   /v1/session/factor                 the second factor
//	POST   /v1/session/refresh                new tokens
//	POST   /v1/session/step-up                prove again who you are
//	GET    /v1/session                        who is signed in
//	DELETE /v1/session                        sign out
//	POST   /v1/password/links                 send a link to set a password
//	PUT    /v1/password                       set it
//	POST   /v1/authenticator                  begin to set an authenticator up
//	PUT    /v1/authenticator                  its first code; recovery codes
//	POST   /v1/api-keys                       a key for a machine
//	POST /v1/properties                        register a property
//	GET  /v1/properties?state=&limit=&after=   list properties, a page at a time
//	GET  /v1/properties/{property}
//	POST /v1/offerings                         create an offering, as a draft
//	GET  /v1/offerings/{offering}
//	POST /v1/offerings/{offering}/open         let it take commitments
//	POST /v1/investors                         register an investor
//	POST /v1/verifications/{verification}/approve  they are accredited
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
// Package httpauth authenticates: browsers by a cookie, with protection against forged
// requests, programs by a bearer token or an API key with scopes. The roles of package
// auth say who may call what, and an investor sees their own. Approving and paying ask
// for a proof of a few minutes ago.
//
// The program sends no mail: what a host would send it prints on standard output.
//
// Without -dsn it runs on a throw-away PostgreSQL. There, and with -demo, it makes
// three users and prints their passwords. HTTPAPI_VAULT_KEY is the key that seals the
// secrets of authenticators.
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
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
	"github.com/freehold-go/freehold/realestate/vault"
)

// options is the command line.
type options struct {
	addr     string
	dsn      string
	demo     bool
	insecure bool
	vaultKey string // 64 hexadecimal digits
}

// vault is what seals the secrets of authenticators: without a key none, and then
// none is set up, but on a throw-away database, where any key will do.
func (o options) vault(throwaway bool) (*vault.Vault, error) {
	key, err := hex.DecodeString(o.vaultKey)
	if err != nil {
		return nil, vault.ErrKeys.With("HTTPAPI_VAULT_KEY has 64 hexadecimal digits")
	}
	if len(key) == 0 {
		if !throwaway {
			return nil, nil
		}
		key = make([]byte, vault.KeySize)
		_, _ = rand.Read(key) // never fails
	}
	return vault.New(vault.Key{ID: "1", Secret: key})
}

func main() {
	var o options
	flag.StringVar(&o.addr, "addr", "127.0.0.1:8080", "where to listen")
	flag.StringVar(&o.dsn, "dsn", "", "the database; without it a throw-away one is used")
	flag.BoolVar(&o.demo, "demo", false, "make the users admin, manager and approver@example.com and print their passwords")
	flag.BoolVar(&o.insecure, "insecure", false, "cookies without TLS, for a machine of your own")
	flag.Parse()
	o.vaultKey = os.Getenv("HTTPAPI_VAULT_KEY") // out of the host's secret store
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
	secrets, err := o.vault(db.throwaway())
	if err != nil {
		return err
	}
	platform, err := realestate.New(realestate.Config{Scope: "httpapi", Logger: logger, Vault: secrets, Policy: policy()})
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
	a, err := newAPI(platform, db.DB, logger, time.Now, func(m message) { fmt.Fprintf(stdout, "to %s: %s\n", m.to, m.text) }, o.insecure)
	if err != nil {
		return err
	}
	return serve(ctx, listener, a.handler(), logger)
}
