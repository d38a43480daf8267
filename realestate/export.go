package realestate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/users"
)

// errNoWriter: there is nothing to write an export to.
var errNoWriter = fault.New(fault.Invalid, fault.CodeRequired, "a writer is needed").On("w")

// ExportParams names whose data is exported.
type ExportParams struct {
	UserID id.Of[auth.User]
}

// Export writes what the platform holds about one person as a JSON object, read at
// one moment: "user_id"; "tables", an object of the tables' rows by schema and table
// name, each row with the columns of the database; and "opened", what was sealed and
// the person had told. Hashes, keys and sealed values are left out. Rows are written
// as they come, so that the size of an export does not matter. Who may have it is
// the caller's to judge. It returns auth.ErrUserNotFound, the error of w, or
// [vault.ErrNoVault] when something is sealed and there is no vault.
func (p *Platform) Export(ctx context.Context, db bun.IDB, w io.Writer, params ExportParams) error {
	if w == nil {
		return errNoWriter
	}
	return store.Snapshot(ctx, db, func(tx bun.IDB) error {
		if _, err := p.Users.User(ctx, tx, params.UserID); err != nil {
			return err
		}
		opened, err := p.openSealed(ctx, tx, params.UserID)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, `{"user_id":%q,"opened":%s,"tables":{`, params.UserID, opened); err != nil {
			return err
		}
		first := true
		for _, t := range personalTables() {
			if t.Mine == "" {
				continue
			}
			if !first {
				if _, err := io.WriteString(w, ","); err != nil {
					return err
				}
			}
			first = false
			if _, err := fmt.Fprintf(w, "%q:", t.Name); err != nil {
				return err
			}
			if err := t.Export(ctx, tx, w, params.UserID.String(), neverExported); err != nil {
				return err
			}
		}
		_, err = io.WriteString(w, "}}\n")
		return err
	})
}

// openSealed opens what the person told and the vault keeps.
func (p *Platform) openSealed(ctx context.Context, tx bun.IDB, person id.Of[auth.User]) ([]byte, error) {
	out := struct {
		DateOfBirth   string            `json:"date_of_birth,omitempty"`
		Verifications map[string]string `json:"verifications,omitempty"`
	}{Verifications: map[string]string{}}
	born, err := p.Profiles.DateOfBirth(ctx, tx, person)
	switch {
	case err == nil:
		out.DateOfBirth = born.String()
	case !errors.Is(err, users.ErrNoDateOfBirth) && !errors.Is(err, users.ErrProfileNotFound):
		return nil, err
	}
	sealed, err := p.Profiles.SealedVerifications(ctx, tx, person)
	if err != nil {
		return nil, err
	}
	for _, v := range sealed {
		data, err := p.Profiles.VerificationData(ctx, tx, v)
		if err != nil {
			return nil, err
		}
		out.Verifications[v.String()] = data.Reveal()
	}
	return json.Marshal(out)
}
