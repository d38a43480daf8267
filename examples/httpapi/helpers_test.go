package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/realestatetest"
	"github.com/freehold-go/freehold/realestate/vault"
)

// client talks to the API with somebody's access token, over a real database.
type client struct {
	t        *testing.T
	api      *api
	url      string
	log      *buffer
	mail     *buffer
	admin    id.Of[auth.User]
	manager  string // tokens
	approver string
	acting   string
}

// buffer is a log that goroutines may share.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

const password = "correct horse battery staple"

func newClient(t *testing.T) *client {
	t.Helper()
	now := func() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) }
	secrets, err := vault.New(vault.Key{ID: "1", Secret: []byte("a key that is for these tests on")})
	require.NoError(t, err)
	platform, err := realestate.New(realestate.Config{Scope: "httpapi", Now: now, Vault: secrets, Policy: policy(),
		Identity: auth.Config{Argon2: auth.Argon2Params{MemoryKiB: 64, Passes: 1, Lanes: 1}}})
	require.NoError(t, err)
	c := &client{t: t, log: &buffer{}, mail: &buffer{}}
	c.api, err = newAPI(platform, realestatetest.DB(t), slog.New(slog.NewTextHandler(c.log, nil)), now,
		func(m message) { fmt.Fprintf(c.mail, "%s %s\n", m.to, m.text) }, false)
	require.NoError(t, err)
	server := httptest.NewServer(c.api.handler())
	t.Cleanup(server.Close)
	c.url = server.URL
	c.admin = c.person("admin@example.com", auth.RoleAdministrator)
	c.manager = c.staff("manager@example.com", auth.RoleAdministrator, auth.RoleSponsor, auth.RoleAccountant)
	c.approver = c.staff("approver@example.com", auth.RoleApprover)
	c.acting = c.manager
	return c
}

// person is somebody with a password and roles.
func (c *client) person(email string, roles ...auth.Role) id.Of[auth.User] {
	c.t.Helper()
	ctx, p := c.t.Context(), c.api.platform
	u, err := p.Users.Register(ctx, c.api.db, auth.RegisterParams{Email: email})
	require.NoError(c.t, err)
	_, err = p.Users.SetPassword(ctx, c.api.db, auth.SetPasswordParams{UserID: u.ID, New: auth.NewSecret(password)})
	require.NoError(c.t, err)
	for _, r := range roles {
		_, err = p.Access.GrantRole(ctx, c.api.db, auth.GrantRoleParams{UserID: u.ID, Role: r, GrantedBy: c.admin})
		require.NoError(c.t, err)
	}
	return u.ID
}

// staff is the access token of a new person with roles, who has signed in.
func (c *client) staff(email string, roles ...auth.Role) string {
	c.t.Helper()
	c.person(email, roles...)
	return c.signIn(email)["access_token"].(string)
}

func (c *client) signIn(email string) map[string]any {
	c.t.Helper()
	return c.as("").want(http.StatusCreated, "POST", "/v1/session", `{"email":"`+email+`","password":"`+password+`","tokens":true}`)
}

// as is the client with another token.
func (c *client) as(token string) *client {
	other := *c
	other.acting = token
	return &other
}

// send makes a request and returns its status, body and headers. headers are
// name, value, name, value.
func (c *client) send(method, path, body string, headers ...string) (int, string, http.Header) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	require.NoError(c.t, err)
	r.Header.Set("Content-Type", "application/json")
	if c.acting != "" {
		r.Header.Set("Authorization", "Bearer "+c.acting)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	require.NoError(c.t, err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	require.NoError(c.t, err)
	return res.StatusCode, string(text), res.Header
}

// want makes a request that has to have this status, and returns its body.
func (c *client) want(status int, method, path, body string, headers ...string) map[string]any {
	c.t.Helper()
	got, text, h := c.send(method, path, body, headers...)
	require.Equal(c.t, status, got, "%s %s: %s", method, path, text)
	media := "application/json"
	if status >= 400 {
		media = "application/problem+json"
	}
	require.Equal(c.t, media, h.Get("Content-Type"))
	var out map[string]any
	if text == "" {
		return out
	}
	require.NoError(c.t, json.Unmarshal([]byte(text), &out))
	return out
}

// fieldCodes are the field errors of a problem document.
func fieldCodes(p map[string]any) map[string]string {
	out := map[string]string{}
	list, _ := p["errors"].([]any) // absent when there are none
	for _, e := range list {
		m := e.(map[string]any)
		out[m["field"].(string)] = m["code"].(string)
	}
	return out
}

func (c *client) property(name string) string {
	c.t.Helper()
	p := c.want(http.StatusCreated, "POST", "/v1/properties",
		`{"name":"`+name+`","address_line1":"1 Elm St","city":"Columbus","state":"OH","zip_code":"43215","total_units":4,"purchase_price":"400000.00"}`)
	return p["id"].(string)
}

// openOffering makes an offering of at most 100,000.00 that takes commitments.
func (c *client) openOffering() string {
	c.t.Helper()
	o := c.want(http.StatusCreated, "POST", "/v1/offerings",
		`{"property_id":"`+c.property("Elm Court")+`","name":"Elm Court","slug":"elm","minimum_investment":"1000.00","hard_cap":"100000.00"}`)
	require.Equal(c.t, "draft", o["status"])
	path := "/v1/offerings/" + o["id"].(string)
	require.Equal(c.t, "open", c.want(http.StatusOK, "POST", path+"/open", "")["status"])
	return path
}

// investor is an investor who is accredited.
func (c *client) investor(email string) string {
	c.t.Helper()
	p := c.want(http.StatusCreated, "POST", "/v1/investors", `{"email":"`+email+`"}`)
	path := "/v1/verifications/" + p["verification_id"].(string) + "/approve"
	require.Equal(c.t, "approved", c.as(c.approver).want(http.StatusOK, "POST", path, "")["status"])
	return p["id"].(string)
}
