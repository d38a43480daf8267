package auth_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// administrator is the first user of a platform, or one more.
func administrator(t *testing.T, db bun.IDB) *auth.User {
	t.Helper()
	u := register(t, db, address("admin"))
	_, err := db.NewRaw("INSERT INTO auth.role_grants (user_id, role) VALUES (?, 'administrator')", u.ID).Exec(t.Context())
	require.NoError(t, err)
	return u
}

func grant(t *testing.T, db bun.IDB, admin, user *auth.User, role auth.Role, over *auth.Object) *auth.RoleGrant {
	t.Helper()
	g, err := service().Access.GrantRole(t.Context(), db, auth.GrantRoleParams{UserID: user.ID, Role: role, Over: over, GrantedBy: admin.ID})
	require.NoError(t, err)
	return g.Grant
}

func suspend(t *testing.T, db bun.IDB, user *auth.User) {
	t.Helper()
	_, err := service().Users.Suspend(t.Context(), db, auth.SuspendUserParams{UserID: user.ID, SuspendedBy: administrator(t, db).ID, Reason: "under review"})
	require.NoError(t, err)
}

func TestActiveActor(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	active, suspended, deleted := register(t, tx, address("a")), register(t, tx, address("b")), register(t, tx, address("c"))
	suspend(t, tx, suspended)
	_, err := service().Users.Delete(ctx, tx, auth.DeleteUserParams{UserID: deleted.ID, ActorID: deleted.ID})
	require.NoError(t, err)
	require.NoError(t, auth.ActiveActor(ctx, tx, active.ID))
	require.ErrorIs(t, auth.ActiveActor(ctx, tx, suspended.ID), auth.ErrActorInactive)
	require.ErrorIs(t, auth.ActiveActor(ctx, tx, deleted.ID), auth.ErrActorInactive)
	require.ErrorIs(t, auth.ActiveActor(ctx, tx, id.New[auth.User]()), auth.ErrActorInactive)
	require.ErrorIs(t, auth.ActiveActor(ctx, tx, id.Of[auth.User]{}), auth.ErrActorRequired)
}

// A suspension does not overtake a verb that has read its actor: it waits for the
// verb's end.
func TestActiveActor_held(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	u := register(t, db, address("held"))
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		require.NoError(t, auth.ActiveActor(ctx, tx, u.ID))
		return store.InTx(ctx, db, func(other bun.IDB) error {
			require.NoError(t, auth.ActiveActor(ctx, other, u.ID), "two verbs of one actor do not wait for each other")
			_, err := other.NewRaw("SELECT FROM auth.users WHERE id = ? FOR NO KEY UPDATE NOWAIT", u.ID).Exec(ctx)
			require.ErrorIs(t, store.Err(err, nil), fault.Unavailable)
			return nil
		})
	})
	require.ErrorIs(t, err, fault.Conflict, "the refused lock ended that transaction")
}

func TestCan(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	admin := administrator(t, tx)
	sponsor, approver, investor, viewer, nobody := register(t, tx, address("s")), register(t, tx, address("a")), register(t, tx, address("i")), register(t, tx, address("r")), register(t, tx, address("n"))
	here, there := auth.ObjectOf(auth.KindDistribution, id.New[any]()), auth.ObjectOf(auth.KindDistribution, id.New[any]())
	grant(t, tx, admin, sponsor, auth.RoleSponsor, nil)
	grant(t, tx, admin, approver, auth.RoleApprover, &here)
	grant(t, tx, admin, investor, auth.RoleInvestor, nil)
	grant(t, tx, admin, viewer, auth.RoleReadOnly, nil)
	account := auth.ObjectOf(auth.KindAccount, id.New[any]())
	for name, c := range map[string]struct {
		who    *auth.User
		action auth.Action
		object auth.Object
		want   error
	}{
		"a sponsor declares":                 {sponsor, auth.ActionCreate, auth.Object{Kind: auth.KindDistribution}, nil},
		"a sponsor approves nothing":         {sponsor, auth.ActionApprove, here, auth.ErrNotPermitted},
		"a sponsor pays nothing":             {sponsor, auth.ActionPay, here, auth.ErrNotPermitted},
		"an approver approves here":          {approver, auth.ActionApprove, here, nil},
		"an approver approves not there":     {approver, auth.ActionApprove, there, auth.ErrNotPermitted},
		"an approver creates nothing":        {approver, auth.ActionCreate, here, auth.ErrNotPermitted},
		"an investor sees offerings":         {investor, auth.ActionView, auth.Object{Kind: auth.KindOffering}, nil},
		"an investor sees their account":     {investor, auth.ActionView, account.OwnedBy(investor.ID), nil},
		"an investor sees no other account":  {investor, auth.ActionView, account.OwnedBy(viewer.ID), auth.ErrNotPermitted},
		"an investor sees no ownerless one":  {investor, auth.ActionView, account, auth.ErrNotPermitted},
		"an investor approves nothing":       {investor, auth.ActionApprove, account.OwnedBy(investor.ID), auth.ErrNotPermitted},
		"a reader reads":                     {viewer, auth.ActionView, here, nil},
		"a reader writes nothing":            {viewer, auth.ActionEdit, here, auth.ErrNotPermitted},
		"who has no role may nothing":        {nobody, auth.ActionView, here, auth.ErrNotPermitted},
		"an administrator moves no money":    {admin, auth.ActionPay, here, auth.ErrNotPermitted},
		"an administrator looks at no money": {admin, auth.ActionView, here, auth.ErrNotPermitted},
	} {
		err := svc.Access.Can(ctx, tx, c.who.ID, c.action, c.object)
		if c.want == nil {
			require.NoError(t, err, name)
		} else {
			require.ErrorIs(t, err, c.want, name)
		}
	}
	suspend(t, tx, viewer)
	require.ErrorIs(t, svc.Access.Can(ctx, tx, viewer.ID, auth.ActionView, here), auth.ErrActorInactive)
	_, err := tx.ExecContext(ctx, "UPDATE auth.role_grants SET expires_at = now() - interval '1 second' WHERE user_id = ?", sponsor.ID)
	require.NoError(t, err)
	require.ErrorIs(t, svc.Access.Can(ctx, tx, sponsor.ID, auth.ActionCreate, here), auth.ErrNotPermitted, "the database's clock judges")
}

// No role of the default policy both asks for money and agrees to it, or agrees to
// it and pays it.
func TestDefaultPolicy_separates(t *testing.T) {
	t.Parallel()
	policy := auth.DefaultPolicy()
	require.NoError(t, policy.Validate())
	does := func(role auth.Role, a auth.Action, k auth.Kind) bool {
		for _, p := range policy[role] {
			if (p.Action == a || p.Action == auth.ActionAny) && (p.Kind == k || p.Kind == auth.KindAny) {
				return true
			}
		}
		return false
	}
	for role := range policy {
		for _, k := range []auth.Kind{auth.KindDistribution, auth.KindTransfer, auth.KindRefund, auth.KindInstruction, auth.KindVerification} {
			if does(role, auth.ActionApprove, k) {
				for _, a := range []auth.Action{auth.ActionCreate, auth.ActionRequest, auth.ActionPay, auth.ActionEdit} {
					require.False(t, does(role, a, k), "%s: %s %s", role, a, k)
				}
			}
		}
	}
	require.ErrorIs(t, auth.Policy{"Bad Name": nil}.Validate(), fault.Invalid)
	require.ErrorIs(t, auth.Policy{"x": {{Action: auth.ActionView}}}.Validate(), fault.Invalid)
}

func TestGrantRole(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	first, second, other := register(t, tx, address("first")), register(t, tx, address("second")), register(t, tx, address("other"))
	_, err := svc.Access.GrantRole(ctx, tx, auth.GrantRoleParams{UserID: first.ID, Role: auth.RoleSponsor})
	require.ErrorIs(t, err, auth.ErrActorRequired, "nobody grants but the first administrator")
	_, err = svc.Access.GrantRole(ctx, tx, auth.GrantRoleParams{UserID: first.ID, Role: auth.RoleAdministrator})
	require.NoError(t, err)
	_, err = svc.Access.GrantRole(ctx, tx, auth.GrantRoleParams{UserID: second.ID, Role: auth.RoleAdministrator})
	require.ErrorIs(t, err, auth.ErrActorRequired, "there is one now")
	_, err = svc.Access.GrantRole(ctx, tx, auth.GrantRoleParams{UserID: first.ID, Role: auth.RoleApprover, GrantedBy: first.ID})
	require.ErrorIs(t, err, auth.ErrSelfGrant)
	_, err = svc.Access.GrantRole(ctx, tx, auth.GrantRoleParams{UserID: second.ID, Role: auth.RoleApprover, GrantedBy: other.ID})
	require.ErrorIs(t, err, auth.ErrNotPermitted)
	_, err = svc.Access.GrantRole(ctx, tx, auth.GrantRoleParams{UserID: second.ID, Role: "emperor", GrantedBy: first.ID, ExpiresAt: ptr(at.Add(-time.Hour)), Over: &auth.Object{Kind: auth.KindOffering}})
	require.Len(t, fault.FieldErrors(err), 3)

	g := grant(t, tx, first, second, auth.RoleApprover, nil)
	require.Equal(t, g.ID, grant(t, tx, first, second, auth.RoleApprover, nil).ID, "again changes nothing")
	over := auth.ObjectOf(auth.KindOffering, id.New[any]())
	require.NotEqual(t, g.ID, grant(t, tx, first, second, auth.RoleApprover, &over).ID)
	held, err := svc.Access.RoleGrants(ctx, tx, auth.RoleGrantFilter{UserID: second.ID}, page.Request{})
	require.NoError(t, err)
	require.Len(t, held.Items, 2)

	_, err = svc.Access.RevokeRole(ctx, tx, auth.RevokeRoleParams{ID: g.ID, RevokedBy: second.ID})
	require.ErrorIs(t, err, auth.ErrNotPermitted)
	back, err := svc.Access.RevokeRole(ctx, tx, auth.RevokeRoleParams{ID: g.ID, RevokedBy: first.ID})
	require.NoError(t, err)
	require.Equal(t, first.ID, *back.Grant.RevokedBy)
	require.Equal(t, &auth.Notice{To: second.Email, Action: auth.AuditRoleRevoked}, back.Notice)
	back, err = svc.Access.RevokeRole(ctx, tx, auth.RevokeRoleParams{ID: g.ID, RevokedBy: first.ID})
	require.NoError(t, err)
	require.Nil(t, back.Notice, "again changes nothing")
	require.ErrorIs(t, svc.Access.Can(ctx, tx, second.ID, auth.ActionApprove, auth.Object{Kind: auth.KindDistribution}), auth.ErrNotPermitted)
	require.NotEqual(t, g.ID, grant(t, tx, first, second, auth.RoleApprover, nil).ID, "a new grant, not the old one")
	entries, err := svc.Audit.Entries(ctx, tx, auth.AuditFilter{UserID: second.ID, ActorID: first.ID}, page.Request{})
	require.NoError(t, err)
	require.Len(t, entries.Items, 4)
}

// A grant that has expired stands in the way of no new one.
func TestGrantRole_afterExpiry(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	admin, u := administrator(t, tx), register(t, tx, address("u"))
	over := auth.ObjectOf(auth.KindOffering, id.New[any]())
	for _, o := range []*auth.Object{nil, &over} {
		old := grant(t, tx, admin, u, auth.RoleApprover, o)
		_, err := tx.ExecContext(ctx, "UPDATE auth.role_grants SET expires_at = now() - interval '1 day' WHERE id = ?", old.ID)
		require.NoError(t, err)
		g := grant(t, tx, admin, u, auth.RoleApprover, o)
		require.NotEqual(t, old.ID, g.ID)
		require.Nil(t, g.ExpiresAt)
	}
	require.NoError(t, svc.Access.Can(ctx, tx, u.ID, auth.ActionApprove, auth.Object{Kind: auth.KindDistribution}))
}

// There is always an administrator: the last one who is active keeps their powers, and
// one who is gone does not count.
func TestLastAdministrator(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), service()
	first, second := register(t, db, address("first")), register(t, db, address("second"))
	g, err := svc.Access.GrantRole(ctx, db, auth.GrantRoleParams{UserID: first.ID, Role: auth.RoleAdministrator})
	require.NoError(t, err)
	del := func(u *auth.User) error {
		_, err := svc.Users.Delete(ctx, db, auth.DeleteUserParams{UserID: u.ID, ActorID: u.ID})
		return err
	}
	require.ErrorIs(t, del(first), auth.ErrLastAdministrator)
	_, err = svc.Access.RevokeRole(ctx, db, auth.RevokeRoleParams{ID: g.Grant.ID, RevokedBy: first.ID})
	require.ErrorIs(t, err, auth.ErrLastAdministrator)
	own := auth.New(auth.Config{Now: func() time.Time { return at }, Policy: auth.Policy{
		auth.RoleAdministrator: {{Action: auth.ActionAny, Kind: auth.KindAny}}, auth.RoleSponsor: {{Action: auth.ActionEdit, Kind: auth.KindUser}}}})
	grant(t, db, first, second, auth.RoleSponsor, nil)
	_, err = own.Users.Suspend(ctx, db, auth.SuspendUserParams{UserID: first.ID, SuspendedBy: second.ID, Reason: "x"})
	require.ErrorIs(t, err, auth.ErrLastAdministrator)
	grant(t, db, first, second, auth.RoleAdministrator, nil)
	var wg sync.WaitGroup
	errs := make(chan error, 2)
	for _, u := range []*auth.User{first, second} {
		wg.Go(func() { errs <- del(u) })
	}
	wg.Wait()
	won := 0
	for range 2 {
		if err := <-errs; err == nil {
			won++
		} else {
			require.ErrorIs(t, err, auth.ErrLastAdministrator)
		}
	}
	require.Equal(t, 1, won, "two at once leave one")
	// So do two grants that are taken back at once, the first of them the row that all wait for.
	grants := []*auth.ChangedRole{}
	exec(t, db, "UPDATE auth.users SET status = 'active', deleted_at = NULL")
	exec(t, db, "UPDATE auth.role_grants SET revoked_at = NULL, revoked_by = NULL WHERE role = 'administrator'")
	for _, u := range []*auth.User{first, second} {
		by := first
		if u == first {
			by = second
		}
		g, err := svc.Access.GrantRole(ctx, db, auth.GrantRoleParams{UserID: u.ID, Role: auth.RoleAdministrator, GrantedBy: by.ID})
		require.NoError(t, err)
		grants = append(grants, g)
	}
	for _, g := range grants {
		wg.Go(func() {
			_, err := svc.Access.RevokeRole(ctx, db, auth.RevokeRoleParams{ID: g.Grant.ID, RevokedBy: g.Grant.UserID})
			errs <- err
		})
	}
	wg.Wait()
	won = 0
	for range grants {
		if err := <-errs; err == nil {
			won++
		} else {
			require.ErrorIs(t, err, auth.ErrLastAdministrator)
		}
	}
	require.Equal(t, 1, won, "two grants taken back at once leave one")
	exec(t, db, "UPDATE auth.users SET status = 'suspended' WHERE status = 'active'")
	third := register(t, db, address("third"))
	_, err = svc.Access.GrantRole(ctx, db, auth.GrantRoleParams{UserID: third.ID, Role: auth.RoleAdministrator})
	require.NoError(t, err, "one who cannot act is none")
}

// Of eight platforms that start at once one gets its first administrator.
func TestGrantRole_firstOnce(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for range 8 {
		u := register(t, db, address("first"))
		wg.Go(func() {
			_, err := service().Access.GrantRole(ctx, db, auth.GrantRoleParams{UserID: u.ID, Role: auth.RoleAdministrator})
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	won := 0
	for err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, auth.ErrActorRequired)
	}
	require.Equal(t, 1, won)
}

func TestSuspendUser(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	admin, u := administrator(t, tx), register(t, tx, address("u"))
	s := session(u.ID, "7")
	require.NoError(t, insert(t, tx, s))
	p := auth.SuspendUserParams{UserID: u.ID, SuspendedBy: admin.ID, Reason: "under review"}
	got, err := svc.Users.Suspend(ctx, tx, p)
	require.NoError(t, err)
	require.Equal(t, auth.StatusSuspended, got.Status)
	_, err = svc.Users.Suspend(ctx, tx, p)
	require.NoError(t, err, "again changes nothing")
	require.NoError(t, tx.NewSelect().Model(s).WherePK().Scan(ctx))
	require.Equal(t, auth.RevokedSuspended, *s.RevokedReason)
	_, err = svc.Users.Suspend(ctx, tx, auth.SuspendUserParams{UserID: admin.ID, SuspendedBy: admin.ID, Reason: "x"})
	require.ErrorIs(t, err, auth.ErrOwnAccount)
	_, err = svc.Users.Suspend(ctx, tx, auth.SuspendUserParams{UserID: admin.ID, SuspendedBy: u.ID, Reason: "x"})
	require.ErrorIs(t, err, auth.ErrActorInactive, "who is suspended suspends nobody")
	_, err = svc.Users.Suspend(ctx, tx, auth.SuspendUserParams{UserID: u.ID, SuspendedBy: admin.ID})
	require.ErrorIs(t, err, fault.Invalid)

	got, err = svc.Users.Reinstate(ctx, tx, auth.ReinstateUserParams{UserID: u.ID, ReinstatedBy: admin.ID})
	require.NoError(t, err)
	require.Equal(t, auth.StatusActive, got.Status)
	_, err = svc.Users.Reinstate(ctx, tx, auth.ReinstateUserParams{UserID: u.ID, ReinstatedBy: admin.ID})
	require.ErrorIs(t, err, auth.ErrUserNotSuspended)
	require.NoError(t, tx.NewSelect().Model(s).WherePK().Scan(ctx))
	require.False(t, s.Live(at), "sessions stay ended")
	_, err = svc.Users.Delete(ctx, tx, auth.DeleteUserParams{UserID: u.ID, ActorID: u.ID})
	require.NoError(t, err)
	_, err = svc.Users.Suspend(ctx, tx, p)
	require.ErrorIs(t, err, auth.ErrUserDeleted)
}

func TestUsers_listed(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	mark := id.New[auth.User]().String()
	ada, bob := register(t, tx, "ada-"+mark+"@one.example"), register(t, tx, "bob_"+mark+"@two.example")
	grant(t, tx, administrator(t, tx), bob, auth.RoleSponsor, nil)
	suspend(t, tx, bob)
	list := func(f auth.UserFilter) (ids []id.Of[auth.User]) {
		got, err := svc.Users.Users(ctx, tx, f, page.Request{})
		require.NoError(t, err)
		for _, u := range got.Items {
			ids = append(ids, u.ID)
		}
		return ids
	}
	require.Equal(t, []id.Of[auth.User]{ada.ID}, list(auth.UserFilter{Search: " ADA-" + mark}))
	require.Equal(t, []id.Of[auth.User]{bob.ID}, list(auth.UserFilter{Search: "two.ex", Status: auth.StatusSuspended}))
	require.Equal(t, []id.Of[auth.User]{bob.ID}, list(auth.UserFilter{Role: auth.RoleSponsor}))
	require.Empty(t, list(auth.UserFilter{Search: "bob%" + mark}), "a wildcard is a letter")
	require.Empty(t, list(auth.UserFilter{Search: "a\x00"}))
	_, err := svc.Users.Delete(ctx, tx, auth.DeleteUserParams{UserID: ada.ID, ActorID: ada.ID})
	require.NoError(t, err)
	require.NotContains(t, list(auth.UserFilter{}), ada.ID)
}

// Registering again with the same id is the same user; with another address it is
// a conflict.
func TestRegister_again(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	p := auth.RegisterParams{ID: id.New[auth.User](), Email: address("again"), Phone: ptr("+1 212 555 0100")}
	first, err := svc.Users.Register(ctx, tx, p)
	require.NoError(t, err)
	second, err := svc.Users.Register(ctx, tx, p)
	require.NoError(t, err)
	require.Equal(t, first.ID, second.ID)
	p.Email = address("changed")
	_, err = svc.Users.Register(ctx, tx, p)
	require.ErrorIs(t, err, auth.ErrUserExists)
	var events int
	require.NoError(t, tx.NewRaw("SELECT count(*) FROM freehold.outbox WHERE aggregate_id = ?", first.ID).Scan(ctx, &events))
	require.Equal(t, 1, events)
	require.WithinDuration(t, at, first.CreatedAt, time.Second)
}
