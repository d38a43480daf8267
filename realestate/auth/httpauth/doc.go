// Package httpauth authenticates requests of net/http by the sessions and API keys of
// package auth: middleware for cookies and for bearer tokens, with secure defaults,
// and protection against forged requests. It needs no framework.
//
//	a, err := httpauth.New(httpauth.Config{Sessions: platform.Sessions, Access: platform.Access, DB: db})
//	mux.Handle("POST /sign-in", a.Cookies(signIn(a)))            // calls a.SetCookie
//	mux.Handle("/", a.Cookies(a.Require(auth.LevelPassword, 0)(pages)))
//	mux.Handle("/api/", a.Bearer(a.Require(auth.LevelMFA, 0)(api)))
//
// The cookie is __Host-session: sent over TLS only, to this host and path alone, out
// of reach of scripts, and not with requests that other sites begin. A request that
// changes something and comes with the cookie says where it comes from (the headers
// Sec-Fetch-Site or Origin, which every browser sends today) or shows the token of
// [CSRFToken]; otherwise it is refused. Bearer tokens need none of that, because no
// browser sends them by itself. examples/httpapi is an API behind both.
//
// What signs in stands behind Cookies too: otherwise a form of another site could sign
// a visitor in as somebody else.
//
// Answers to authenticated requests are not cached. What is refused gets the status of
// [Status], such as 401, 403 or 429, and the code of the error, as JSON, and nothing else.
package httpauth
