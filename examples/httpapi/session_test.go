package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate/auth"
)

// cookieOf is the cookie that a response sets.
func cookieOf(t *testing.T, h http.Header) *http.Cookie {
	t.Helper()
	cookies := (&http.Response{Header: h}).Cookies()
	require.Len(t, cookies, 1)
	return cookies[0]
}

// A browser signs in by a cookie, and what it changes says where it comes from.
func TestSession_cookie(t *testing.T) {
	t.Parallel()
	c := newClient(t).as("")
	body := `{"email":"manager@example.com","password":"` + password + `"}`
	require.Equal(t, "cross_site_request", c.want(http.StatusForbidden, "POST", "/v1/session", body, "Sec-Fetch-Site", "cross-site")["code"])
	status, text, h := c.send("POST", "/v1/session", body, "Sec-Fetch-Site", "same-origin")
	require.Equal(t, http.StatusCreated, status, text)
	require.NotContains(t, text, "_token\":\"\"")
	require.NotContains(t, text, "access_token")
	k := cookieOf(t, h)
	require.True(t, k.Name == "__Host-session" && k.Secure && k.HttpOnly && k.SameSite == http.SameSiteLaxMode)
	cookie := k.Name + "=" + k.Value
	who := c.want(http.StatusOK, "GET", "/v1/session", "", "Cookie", cookie)
	require.Equal(t, "password", who["level"])
	csrf := who["csrf_token"].(string)
	require.Contains(t, text, csrf)

	property := `{"name":"Elm Court","address_line1":"1 Elm St","city":"Columbus","state":"OH","zip_code":"43215","total_units":4}`
	for _, forged := range []string{"cross-site", "same-site", ""} {
		require.Equal(t, "cross_site_request", c.want(http.StatusForbidden, "POST", "/v1/properties", property, "Cookie", cookie, "Sec-Fetch-Site", forged)["code"])
	}
	c.want(http.StatusForbidden, "POST", "/v1/properties", property, "Cookie", cookie, "X-CSRF-Token", "x")
	c.want(http.StatusCreated, "POST", "/v1/properties", property, "Cookie", cookie, "X-CSRF-Token", csrf)
	c.want(http.StatusOK, "GET", "/v1/properties", "", "Cookie", cookie)

	_, _, h = c.send("DELETE", "/v1/session", "", "Cookie", cookie, "X-CSRF-Token", csrf)
	require.Equal(t, -1, cookieOf(t, h).MaxAge)
	require.Equal(t, "sign_in_required", c.want(http.StatusUnauthorized, "GET", "/v1/properties", "", "Cookie", cookie)["code"])
	require.NotContains(t, c.log.String(), k.Value)
}

// A program has a bearer token, which it refreshes.
func TestSession_tokens(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	in := c.signIn("manager@example.com")
	refresh := func(status int, token any) map[string]any {
		return c.as("").want(status, "POST", "/v1/session/refresh", fmt.Sprintf(`{"refresh_token":"%s"}`, token))
	}
	next := refresh(http.StatusOK, in["refresh_token"])
	require.NotEqual(t, in["access_token"], next["access_token"])
	c = c.as(next["access_token"].(string))
	c.want(http.StatusOK, "GET", "/v1/properties", "")
	later := refresh(http.StatusOK, next["refresh_token"])
	require.Equal(t, "refresh_replayed", refresh(http.StatusUnauthorized, in["refresh_token"])["code"])
	c = c.as(later["access_token"].(string))
	require.Equal(t, "session_invalid", c.want(http.StatusUnauthorized, "GET", "/v1/properties", "")["code"], "the whole family has ended")

	c = c.as(c.signIn("manager@example.com")["access_token"].(string))
	status, text, _ := c.send("DELETE", "/v1/session", "")
	require.Equal(t, http.StatusNoContent, status, text)
	c.want(http.StatusUnauthorized, "GET", "/v1/session", "")
}

// Whoever does not get in learns nothing, and not for ever.
func TestSession_refused(t *testing.T) {
	t.Parallel()
	c := newClient(t).as("")
	var answers []map[string]any
	for _, email := range []string{"manager@example.com", "nobody@example.com", ""} {
		answers = append(answers, c.want(http.StatusUnauthorized, "POST", "/v1/session", `{"email":"`+email+`","password":"wrong"}`))
	}
	require.Equal(t, "sign_in_failed", answers[0]["code"])
	require.Equal(t, answers[0], answers[1])
	require.Equal(t, answers[0], answers[2])
	for range 9 {
		c.send("POST", "/v1/session", `{"email":"nobody@example.com","password":"wrong"}`)
	}
	require.Equal(t, "too_many_attempts", c.want(http.StatusTooManyRequests, "POST", "/v1/session", `{"email":"nobody@example.com","password":"wrong"}`)["code"])
	require.NotContains(t, c.log.String(), "nobody@example.com")
}

// totp is what an authenticator shows.
func totp(t *testing.T, secret string, step int64) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	require.NoError(t, err)
	h := hmac.New(sha1.New, key)
	require.NoError(t, binary.Write(h, binary.BigEndian, step))
	sum := h.Sum(nil)
	at := sum[19] & 15
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[at:])&0x7fffffff)%1000000)
}

// A second factor, from its enrolment to the sign-in with it.
func TestSession_secondFactor(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	secret := c.want(http.StatusCreated, "POST", "/v1/authenticator", "")["secret"].(string)
	var now int64
	require.NoError(t, c.api.db.NewRaw("SELECT extract(epoch FROM clock_timestamp())::bigint / 30").Scan(t.Context(), &now))
	codes := c.want(http.StatusOK, "PUT", "/v1/authenticator", `{"code":"`+totp(t, secret, now)+`"}`)["recovery_codes"].([]any)
	require.Len(t, codes, 10)

	body := `{"email":"manager@example.com","password":"` + password + `","tokens":true}`
	asked := c.as("").want(http.StatusAccepted, "POST", "/v1/session", body)
	require.Equal(t, []any{"authenticator", "recovery_code"}, asked["factors"])
	show := func(status int, factor, code string) map[string]any {
		return c.as("").want(status, "POST", "/v1/session/factor", fmt.Sprintf(`{"token":"%s","factor":"%s","code":"%s"}`, asked["token"], factor, code))
	}
	require.Equal(t, "factor_not_accepted", show(http.StatusUnauthorized, "authenticator", totp(t, secret, now))["code"], "a code works once")
	in := show(http.StatusCreated, "authenticator", totp(t, secret, now+1))
	require.Equal(t, "mfa", in["level"])
	c = c.as(in["access_token"].(string))
	require.Equal(t, "factor_not_enrolled", c.want(http.StatusConflict, "POST", "/v1/session/step-up", `{"password":"`+password+`"}`)["code"])
	up := c.want(http.StatusOK, "POST", "/v1/session/step-up", fmt.Sprintf(`{"factor":"recovery_code","code":"%s"}`, codes[0]))
	require.Equal(t, "elevated", up["level"])
	c.want(http.StatusUnauthorized, "GET", "/v1/session", "") // the step gave new tokens
	require.Equal(t, "elevated", c.as(up["access_token"].(string)).want(http.StatusOK, "GET", "/v1/session", "")["level"])
}

// An investor sets a password by a link, and sees and does what is theirs.
func TestSession_investor(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	offering := c.openOffering()
	ada, bob := c.investor("ada@example.com"), c.investor("bob@example.com")
	for _, email := range []string{"ada@example.com", "nobody@example.com"} {
		status, text, _ := c.as("").send("POST", "/v1/password/links", `{"email":"`+email+`"}`)
		require.Equal(t, http.StatusAccepted, status)
		require.Empty(t, text)
	}
	mail := c.mail.String()
	require.NotContains(t, mail, "nobody@example.com")
	_, token, found := strings.Cut(mail, "ada@example.com The token to set your password: ")
	require.True(t, found, mail)
	token = strings.TrimSpace(token)
	set := `{"token":"` + token + `","password":"` + password + `"}`
	status, text, _ := c.as("").send("PUT", "/v1/password", set)
	require.Equal(t, http.StatusNoContent, status, text)
	require.Equal(t, "code_not_accepted", c.as("").want(http.StatusForbidden, "PUT", "/v1/password", set)["code"], "a link works once")

	own := c.as(c.signIn("ada@example.com")["access_token"].(string))
	commit := func(c *client, investor, key string, status int) map[string]any {
		return c.want(status, "POST", offering+"/commitments", `{"investor_id":"`+investor+`","amount":"5000.00","date":"2026-01-10"}`, "Idempotency-Key", key)
	}
	require.Equal(t, "not_permitted", commit(own, bob, "k1", http.StatusForbidden)["code"])
	s := commit(own, ada, "k2", http.StatusCreated)
	own.want(http.StatusForbidden, "POST", "/v1/commitments/"+s["id"].(string)+"/receipts", `{"date":"2026-01-15"}`, "Idempotency-Key", "k3")
	c.want(http.StatusCreated, "POST", "/v1/commitments/"+s["id"].(string)+"/receipts", `{"date":"2026-01-15"}`, "Idempotency-Key", "k3")
	own.want(http.StatusOK, "GET", "/v1/properties", "")
	require.Equal(t, "not_permitted", own.want(http.StatusForbidden, "GET", "/v1/investors/"+bob+"/portfolio", "")["code"])
	_, text, _ = own.send("GET", "/v1/investors/"+ada+"/portfolio", "")
	require.NotContains(t, text, "not_permitted")
}

// Keys of machines do what their scopes and their user's roles both allow.
func TestSession_apiKey(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	made := c.want(http.StatusCreated, "POST", "/v1/api-keys", `{"name":"feed","scopes":["property:view","distribution:approve"],"days":365}`)
	key := c.as(made["key"].(string))
	key.want(http.StatusOK, "GET", "/v1/properties", "")
	require.Equal(t, "scope_missing", key.want(http.StatusForbidden, "POST", "/v1/properties", "{}")["code"])
	require.Equal(t, "sign_in_required", key.want(http.StatusUnauthorized, "POST", "/v1/distributions/x/approve", "")["code"], "no machine approves")
	require.Equal(t, "sign_in_required", key.want(http.StatusUnauthorized, "POST", "/v1/api-keys", "{}")["code"], "or makes keys")
	require.Equal(t, "api_key_invalid", c.as("fhk_"+strings.Repeat("x", 43)).want(http.StatusUnauthorized, "GET", "/v1/properties", "")["code"])
}

// Every route is closed to strangers and to people without a role, and what moves
// money out asks for a fresh proof.
func TestRoutes(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	nobody := c.as(c.staff("roleless@example.com"))
	_, err := c.api.db.NewRaw("UPDATE auth.sessions SET authenticated_at = '2026-05-01' WHERE user_id <> ?", c.admin).Exec(t.Context())
	require.NoError(t, err)
	checked := 0
	for pattern, r := range c.api.routes() {
		method, path, _ := strings.Cut(pattern, " ")
		path = strings.NewReplacer("{", "0190a000-0000-7000-8000-00000000", "}", "").Replace(path)
		for _, name := range []string{"property", "offering", "investor", "commitment", "distribution", "verification"} {
			path = strings.ReplaceAll(path, "00000000"+name, "000000000000")
		}
		if r.open {
			continue
		}
		checked++
		require.Equal(t, "sign_in_required", c.as("").want(http.StatusUnauthorized, method, path, "{}")["code"], pattern)
		switch {
		case r.fresh:
			require.Equal(t, "fresh_proof_required", c.want(http.StatusForbidden, method, path, "{}")["code"], pattern)
		case r.kind != "":
			require.Equal(t, "not_permitted", nobody.want(http.StatusForbidden, method, path, "{}")["code"], pattern)
		}
	}
	require.Equal(t, 19, checked)
	require.Equal(t, auth.ActionPay, c.api.routes()["POST /v1/distributions/{distribution}/pay"].action)
	// A step up makes it fresh again, but not before June 2026, where the test's clock
	// stands: the database's clock is later.
	up := c.want(http.StatusOK, "POST", "/v1/session/step-up", `{"password":"`+password+`"}`)
	require.Equal(t, "distribution_not_found", c.as(up["access_token"].(string)).want(http.StatusNotFound, "POST",
		"/v1/distributions/0190a000-0000-7000-8000-000000000000/pay", `{"date":"2026-04-15","method":"ach"}`, "Idempotency-Key", "k")["code"])
}
