package main

import (
	"context"
	"net/http"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/auth/httpauth"
	"github.com/freehold-go/freehold/realestate/id"
)

// sessionBody is who is signed in. Programs get the tokens, once; a browser gets the
// cookie and the token that its pages show in X-CSRF-Token.
type sessionBody struct {
	UserID       id.Of[auth.User] `json:"user_id"`
	Level        auth.Level       `json:"level"`
	ExpiresAt    time.Time        `json:"expires_at"`
	CSRFToken    string           `json:"csrf_token,omitempty"`
	AccessToken  string           `json:"access_token,omitempty"`
	RefreshToken string           `json:"refresh_token,omitempty"`
}

// askedBody is a sign-in that waits for a second factor.
type askedBody struct {
	Token   string        `json:"token"`
	Factors []auth.Factor `json:"factors"`
}

type signInRequest struct {
	Email    string `json:"email"`
	Password string `json:"password"`
	Tokens   bool   `json:"tokens"` // answer with tokens instead of a cookie
}

// signIn verifies a password. It takes the pool, since an attempt stands whatever
// becomes of it.
func (a *api) signIn(c *call) (answer, error) {
	var in signInRequest
	if err := decode(c.Request, &in); err != nil {
		return answer{}, err
	}
	done, err := a.platform.Sessions.SignIn(c.Context(), a.db, auth.SignInParams{Email: in.Email, Password: auth.NewSecret(in.Password),
		Client: a.auth.Client(c.Request), Refresh: in.Tokens})
	if err != nil {
		return answer{}, err
	}
	if done.NewDevice {
		a.send(message{to: in.Email, text: "There was a sign-in from a device or a place that is new."})
	}
	if done.Asked != nil {
		return answer{http.StatusAccepted, askedBody{done.Asked.Token.Reveal(), done.Asked.Factors}}, nil
	}
	return a.signedIn(c, http.StatusCreated, done.Tokens), nil
}

// signedIn hands the tokens of a session over: to a program, or to a browser.
func (a *api) signedIn(c *call, status int, t *auth.Tokens) answer {
	return answer{status, a.handOver(c, t)}
}

func (a *api) handOver(c *call, t *auth.Tokens) sessionBody {
	out := showSession(t.Session)
	if t.Refresh.IsZero() {
		a.auth.SetCookie(c.w, t)
		out.CSRFToken = httpauth.CSRFToken(t.Access)
	} else {
		out.AccessToken, out.RefreshToken = t.Access.Reveal(), t.Refresh.Reveal()
	}
	return out
}

func showSession(s *auth.Session) sessionBody {
	return sessionBody{UserID: s.UserID, Level: s.AuthLevel, ExpiresAt: s.ExpiresAt}
}

type factorRequest struct {
	Token  string      `json:"token"`
	Factor auth.Factor `json:"factor"`
	Code   string      `json:"code"`
}

func (a *api) secondFactor(c *call) (answer, error) {
	var in factorRequest
	if err := decode(c.Request, &in); err != nil {
		return answer{}, err
	}
	done, err := a.platform.Sessions.CompleteSignIn(c.Context(), a.db, auth.CompleteSignInParams{Token: auth.NewSecret(in.Token), Factor: in.Factor,
		Code: auth.NewSecret(in.Code), Client: a.auth.Client(c.Request)})
	if err != nil {
		return answer{}, err
	}
	return a.signedIn(c, http.StatusCreated, done.Tokens), nil
}

type refreshRequest struct {
	RefreshToken string `json:"refresh_token"`
}

func (a *api) refresh(c *call) (answer, error) {
	var in refreshRequest
	if err := decode(c.Request, &in); err != nil {
		return answer{}, err
	}
	t, err := a.platform.Sessions.Refresh(c.Context(), a.db, auth.RefreshParams{Token: auth.NewSecret(in.RefreshToken), Client: a.auth.Client(c.Request)})
	if err != nil {
		return answer{}, err
	}
	return a.signedIn(c, http.StatusOK, t), nil
}

type stepUpRequest struct {
	Password string      `json:"password"`
	Factor   auth.Factor `json:"factor"`
	Code     string      `json:"code"`
}

// stepUp proves again who somebody is, before what asks for a fresh proof.
func (a *api) stepUp(c *call) (answer, error) {
	if c.who.Session == nil {
		return answer{}, httpauth.ErrSignInRequired
	}
	var in stepUpRequest
	if err := decode(c.Request, &in); err != nil {
		return answer{}, err
	}
	t, err := a.platform.Sessions.StepUp(c.Context(), a.db, auth.StepUpParams{SessionID: c.who.Session.ID, Password: auth.NewSecret(in.Password),
		Factor: in.Factor, Code: auth.NewSecret(in.Code), Client: a.auth.Client(c.Request)})
	if err != nil {
		return answer{}, err
	}
	return a.signedIn(c, http.StatusOK, t), nil
}

func (a *api) session(c *call) (answer, error) {
	if c.who.Session == nil {
		return answer{}, httpauth.ErrSignInRequired
	}
	out := showSession(c.who.Session)
	out.CSRFToken = httpauth.CSRFToken(c.who.Token)
	return answer{http.StatusOK, out}, nil
}

// signOut ends the session, and the cookie in any case.
func (a *api) signOut(c *call) (answer, error) {
	a.auth.ClearCookie(c.w)
	if c.who.Session == nil {
		return answer{status: http.StatusNoContent}, nil
	}
	err := a.do(c, func(ctx context.Context, tx bun.IDB) error {
		return a.platform.Sessions.SignOut(ctx, tx, c.who.Token)
	})
	return answer{status: http.StatusNoContent}, err
}
