package realestate_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/auth/httpauth"
)

// pages signs people in by a form, and tells them who they are.
func pages(db *bun.DB, platform *realestate.Platform) (http.Handler, error) {
	web, err := httpauth.New(httpauth.Config{Sessions: platform.Sessions, DB: db})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /sign-in", func(w http.ResponseWriter, r *http.Request) {
		in, err := platform.Sessions.SignIn(r.Context(), db, auth.SignInParams{Email: r.FormValue("email"),
			Password: auth.NewSecret(r.FormValue("password")), Client: web.Client(r)})
		switch {
		case err != nil:
			http.Error(w, "No.", httpauth.Status(err))
		case in.Asked != nil: // then Sessions.CompleteSignIn, with a code
			http.Error(w, "Your code?", http.StatusUnauthorized)
		default:
			web.SetCookie(w, in.Tokens)
		}
	})
	mux.Handle("GET /me", web.Require(auth.LevelPassword, 0)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, _ := httpauth.From(r.Context())
		fmt.Fprintln(w, "You are", who.UserID)
	})))
	return web.Cookies(mux), nil // nobody signs in by another site's form
}

// A form signs a user in, and a cookie says who they are.
func ExamplePlatform_signIn() {
	ctx, db, done := exampleDB()
	defer done()
	platform := examplePlatform()
	ada := exampleUser(ctx, db, "ada@example.com", false)
	secret := "correct horse battery staple"
	if _, err := platform.Users.SetPassword(ctx, db, auth.SetPasswordParams{UserID: ada, New: auth.NewSecret(secret)}); err != nil {
		panic(err)
	}
	handler, err := pages(db, platform)
	if err != nil {
		panic(err)
	}
	var cookies []*http.Cookie
	answer := func(method, path string, form url.Values) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for _, c := range cookies {
			r.AddCookie(c)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	fmt.Println("before:", answer("GET", "/me", nil).Code)
	fmt.Println("wrong password:", answer("POST", "/sign-in", url.Values{"email": {"ada@example.com"}, "password": {"guess"}}).Code)
	in := answer("POST", "/sign-in", url.Values{"email": {"ada@example.com"}, "password": {secret}})
	cookies = in.Result().Cookies()
	fmt.Println("right one:", in.Code, strings.Contains(answer("GET", "/me", nil).Body.String(), ada.String()))
	// Output:
	// before: 401
	// wrong password: 401
	// right one: 200 true
}
