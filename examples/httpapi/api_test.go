package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate/auth"
)

// A deal goes through the API, from the property to the investors' portfolios.
func TestAPI_deal(t *testing.T) {
	t.Parallel()
	newClient(t).deal()
}

func (c *client) deal() {
	t := c.t
	t.Helper()
	offering := c.openOffering()
	amounts := map[string]string{c.investor("ada@example.com"): "60000.00", c.investor("bob@example.com"): "30000.00"}
	for investor, amount := range amounts {
		s := c.want(http.StatusCreated, "POST", offering+"/commitments",
			`{"investor_id":"`+investor+`","amount":"`+amount+`","date":"2026-01-10"}`, "Idempotency-Key", investor)
		require.Equal(t, "open", s["status"])
		s = c.want(http.StatusCreated, "POST", "/v1/commitments/"+s["id"].(string)+"/receipts",
			`{"date":"2026-01-15","reference":"wire 7"}`, "Idempotency-Key", investor)
		require.Equal(t, "funded", s["status"])
		require.Equal(t, amount, s["received"])
	}
	require.Equal(t, "90000.00", c.want(http.StatusOK, "GET", offering, "")["raised"])

	d := c.want(http.StatusCreated, "POST", offering+"/distributions", `{"type":"quarterly","amount":"1000.00","date":"2026-04-15"}`, "Idempotency-Key", "q1")
	path := "/v1/distributions/" + d["id"].(string)
	require.Equal(t, "not_permitted", c.want(http.StatusForbidden, "POST", path+"/approve", "")["code"])
	payment := `{"date":"2026-04-15","method":"ach"}`
	require.Equal(t, "distribution_state", c.want(http.StatusConflict, "POST", path+"/pay", payment, "Idempotency-Key", "q1")["code"])
	require.Equal(t, "approved", c.as(c.approver).want(http.StatusOK, "POST", path+"/approve", "")["status"])
	for range 2 { // the second is a client that did not get the first answer
		require.Equal(t, "completed", c.want(http.StatusOK, "POST", path+"/pay", payment, "Idempotency-Key", "q1")["status"])
	}
	require.Equal(t, "distribution_state", c.want(http.StatusConflict, "POST", path+"/pay", payment, "Idempotency-Key", "another")["code"])

	for investor, amount := range amounts {
		p := c.want(http.StatusOK, "GET", "/v1/investors/"+investor+"/portfolio", "")
		require.Equal(t, amount, p["invested"])
		require.Equal(t, map[string]string{"60000.00": "666.67", "30000.00": "333.33"}[amount], p["distributions"])
		require.IsType(t, "", p["irr"], "rates are strings")
	}
	r, err := c.api.platform.Verify(t.Context(), c.api.db)
	require.NoError(t, err)
	require.True(t, r.OK(), r.String())
	require.NotContains(t, c.log.String(), "@example.com", "no personal data in the log")
	require.Contains(t, c.log.String(), `route="POST /v1/offerings/{offering}/commitments"`)
}

func TestAPI_idempotency(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	path := c.openOffering() + "/commitments"
	body := `{"investor_id":"` + c.investor("ada@example.com") + `","amount":"60000.00","date":"2026-01-10"}`
	first := c.want(http.StatusCreated, "POST", path, body, "Idempotency-Key", "k1")
	require.Equal(t, first, c.want(http.StatusCreated, "POST", path, body, "Idempotency-Key", "k1"), "a replay returns the first result")

	other := strings.Replace(body, "60000", "70000", 1)
	p := c.want(http.StatusConflict, "POST", path, other, "Idempotency-Key", "k1")
	require.Equal(t, "idempotency_key_reused", p["code"])
	require.Equal(t, map[string]string{"idempotency_key": "idempotency_key_reused"}, fieldCodes(p))
	p = c.want(http.StatusConflict, "POST", path, body, "Idempotency-Key", "k2")
	require.Equal(t, "offering_oversubscribed", p["code"])
	// The same key of another user is another key.
	other = c.staff("other@example.com", auth.RoleSponsor)
	p = c.as(other).want(http.StatusConflict, "POST", path, body, "Idempotency-Key", "k1")
	require.Equal(t, "offering_oversubscribed", p["code"])
	for _, key := range []string{"", " ", strings.Repeat("k", maxKey+1)} {
		require.Equal(t, "idempotency_key_required", c.want(http.StatusBadRequest, "POST", path, body, "Idempotency-Key", key)["code"])
	}
	n, err := c.api.db.NewRaw("SELECT FROM investments.subscriptions").Exec(t.Context())
	require.NoError(t, err)
	rows, err := n.RowsAffected()
	require.NoError(t, err)
	require.EqualValues(t, 1, rows)
}

func TestAPI_validation(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	p := c.want(http.StatusUnprocessableEntity, "POST", "/v1/properties", `{"name":"Elm Court","slug":"Elm Court!","purchase_price":"-1.00"}`)
	require.Equal(t, "validation", p["code"])
	require.Equal(t, map[string]string{
		"slug": "slug_malformed", "address_line1": "required", "city": "required", "state": "required", "zip_code": "required", "purchase_price": "out_of_range",
	}, fieldCodes(p))

	// What is no id, amount or date is found before the verb is called, also at once.
	path := c.openOffering() + "/commitments"
	p = c.want(http.StatusUnprocessableEntity, "POST", path, `{"investor_id":"me","amount":"1000.005","date":"31.12.2026"}`, "Idempotency-Key", "k")
	require.Len(t, fieldCodes(p), 3, "%v", p)
	require.Subset(t, []string{"investor_id", "amount", "date"}, keys(fieldCodes(p)))

	// What the database finds out has its field too.
	p = c.want(http.StatusUnprocessableEntity, "POST", "/v1/offerings", `{"property_id":"0190a000-0000-7000-8000-000000000000","name":"x","slug":"x"}`)
	require.Equal(t, map[string]string{"property_id": "reference_not_found"}, fieldCodes(p))
	p = c.want(http.StatusConflict, "POST", "/v1/properties", `{"name":"Elm Court","address_line1":"1","city":"C","state":"OH","zip_code":"4"}`)
	require.Equal(t, map[string]string{"slug": "slug_taken"}, fieldCodes(p))
	// A field of the body that names nothing is wrong input, not a wrong URL.
	who := c.investor("ada@example.com")
	p = c.want(http.StatusUnprocessableEntity, "POST", path, `{"investor_id":"`+who+`","share_class":"gold","amount":"5000.00","date":"2026-01-10"}`, "Idempotency-Key", "k")
	require.Equal(t, map[string]string{"share_class": "share_class_not_found"}, fieldCodes(p))
}

func keys(m map[string]string) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	return out
}

func TestAPI_notFound(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	for path, code := range map[string]string{
		"/v1/properties/0190a000-0000-7000-8000-000000000000":          "property_not_found",
		"/v1/properties/elm-court":                                     "property_not_found",
		"/v1/offerings/0190a000-0000-7000-8000-000000000000":           "offering_not_found",
		"/v1/investors/0190a000-0000-7000-8000-000000000000/portfolio": "portfolio_not_found",
	} {
		require.Equal(t, code, c.want(http.StatusNotFound, "GET", path, "")["code"], path)
	}
	c.want(http.StatusNotFound, "POST", "/v1/commitments/0190a000-0000-7000-8000-000000000000/receipts", `{"date":"2026-01-15"}`, "Idempotency-Key", "k")
	status, _, _ := c.send("DELETE", "/v1/properties", "")
	require.Equal(t, http.StatusMethodNotAllowed, status)
}

func TestAPI_pages(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	want := map[string]bool{}
	for i := range 5 {
		want[c.property(fmt.Sprintf("Elm Court %d", i))] = true
	}
	path, sizes := "/v1/properties?state=OH&limit=2", []int{}
	for after := ""; ; {
		p := c.want(http.StatusOK, "GET", path+after, "")
		items := p["items"].([]any)
		sizes = append(sizes, len(items))
		for _, item := range items {
			v := item.(map[string]any)["id"].(string)
			require.True(t, want[v], "a page repeats %s", v)
			delete(want, v)
		}
		next, more := p["next"].(string)
		if !more {
			break
		}
		after = "&after=" + next
	}
	require.Equal(t, []int{2, 2, 1}, sizes)
	require.Empty(t, want)
	for _, bad := range []string{"limit=0", "limit=101", "limit=two", "after=nonsense"} {
		c.want(http.StatusUnprocessableEntity, "GET", "/v1/properties?"+bad, "")
	}
	require.Empty(t, c.want(http.StatusOK, "GET", "/v1/properties?state=NY", "")["items"])
}

func TestAPI_badRequests(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	for body, want := range map[string]string{
		``:                         "400 json_malformed",
		`{`:                        "400 json_malformed",
		`{"name":}`:                "400 json_malformed",
		`[]`:                       "400 json_malformed",
		`{"name":"a"} {}`:          "400 json_malformed",
		`{"name":"a","owner":"b"}`: "400 json_unknown_field",
		`{"name":7}`:               "422 wrong_type",
		`{"name":"` + strings.Repeat("a", maxBody) + `"}`: "413 body_too_large",
	} {
		status, text, _ := c.send("POST", "/v1/properties", body)
		require.Equal(t, want[:3], fmt.Sprint(status), "%.40s: %s", body, text)
		require.Contains(t, text, want[4:])
	}
	require.Equal(t, "media_type", c.want(http.StatusUnsupportedMediaType, "POST", "/v1/properties", `{}`, "Content-Type", "text/plain")["code"])
	require.Equal(t, "sign_in_required", c.as("").want(http.StatusUnauthorized, "GET", "/v1/properties", "")["code"])
	require.Equal(t, "session_invalid", c.as("me").want(http.StatusUnauthorized, "POST", "/v1/properties", "{}")["code"])
}
