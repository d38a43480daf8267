package main

import (
	"context"
	"net/http"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// message is what a host sends by mail. The library sends nothing, and neither does
// this program: it prints.
type message struct {
	to   string
	text string
}

type linkRequest struct {
	Email string `json:"email"`
}

// passwordLink makes a link to set a password, for somebody who has forgotten theirs
// or has none yet. The answer is the same whether the address is known or not; a host
// sends in the background, so that the time of sending tells nothing.
func (a *api) passwordLink(c *call) (answer, error) {
	var in linkRequest
	if err := decode(c.Request, &in); err != nil {
		return answer{}, err
	}
	d, err := a.platform.Users.RequestReset(c.Context(), a.db, auth.RequestResetParams{Email: in.Email, Client: a.auth.Client(c.Request)})
	if err != nil {
		return answer{}, err
	}
	if d.Send {
		a.send(message{to: d.To, text: "The token to set your password: " + d.Code.Reveal()})
	}
	return answer{status: http.StatusAccepted}, nil
}

type passwordRequest struct {
	Token    string `json:"token"`
	Password string `json:"password"`
}

func (a *api) setPassword(c *call) (answer, error) {
	var in passwordRequest
	if err := decode(c.Request, &in); err != nil {
		return answer{}, err
	}
	notice, err := a.platform.Users.ResetPassword(c.Context(), a.db, auth.ResetPasswordParams{Token: auth.NewSecret(in.Token),
		New: auth.NewSecret(in.Password), Client: a.auth.Client(c.Request)})
	if err != nil {
		return answer{}, err
	}
	a.send(message{to: notice.To, text: "Your password was set."})
	return answer{status: http.StatusNoContent}, nil
}

type authenticatorBody struct {
	Secret string `json:"secret"` // to type, in base 32
	URI    string `json:"uri"`    // of the QR code
}

func (a *api) startAuthenticator(c *call) (answer, error) {
	var out *auth.Enrolment
	err := a.do(c, func(ctx context.Context, tx bun.IDB) (err error) {
		out, err = a.platform.Factors.StartAuthenticator(ctx, tx, c.who.Session.ID)
		return err
	})
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusCreated, authenticatorBody{out.Secret.Reveal(), out.URI.Reveal()}}, nil
}

type codeRequest struct {
	Code string `json:"code"`
}

// recoveryBody is the recovery codes and the session, whose tokens are new.
type recoveryBody struct {
	sessionBody
	RecoveryCodes []string `json:"recovery_codes"`
}

func (a *api) confirmAuthenticator(c *call) (answer, error) {
	var in codeRequest
	if err := decode(c.Request, &in); err != nil {
		return answer{}, err
	}
	done, err := a.platform.Factors.ConfirmAuthenticator(c.Context(), a.db, auth.ConfirmAuthenticatorParams{SessionID: c.who.Session.ID,
		Code: auth.NewSecret(in.Code), Client: a.auth.Client(c.Request)})
	if err != nil {
		return answer{}, err
	}
	out := recoveryBody{a.handOver(c, done.Tokens), make([]string, len(done.Codes))}
	for i, code := range done.Codes {
		out.RecoveryCodes[i] = code.Reveal()
	}
	return answer{http.StatusOK, out}, nil
}

type apiKeyRequest struct {
	Name   string   `json:"name"`
	Scopes []string `json:"scopes"` // such as "offering:view"
	Days   int      `json:"days"`
}

type apiKeyBody struct {
	ID        id.Of[auth.APIKey] `json:"id"`
	Key       string             `json:"key"` // seen this once
	ExpiresAt time.Time          `json:"expires_at"`
}

func (a *api) createAPIKey(c *call) (answer, error) {
	var in apiKeyRequest
	if err := decode(c.Request, &in); err != nil {
		return answer{}, err
	}
	var out *auth.CreatedAPIKey
	err := a.do(c, func(ctx context.Context, tx bun.IDB) (err error) {
		out, err = a.platform.Access.CreateAPIKey(ctx, tx, auth.CreateAPIKeyParams{UserID: c.by, Name: in.Name, Scopes: in.Scopes,
			ExpiresAt: a.now().AddDate(0, 0, in.Days), ActorID: c.by})
		return err
	})
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusCreated, apiKeyBody{out.APIKey.ID, out.Key.Reveal(), out.APIKey.ExpiresAt}}, nil
}
