package sweeptest

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/recipes"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// platform is the services, with hashes that cost little and no limits.
func platform(t testing.TB) *realestate.Platform {
	t.Helper()
	return recipes.Platform(func(c *realestate.Config) {
		c.Horizon = 3650
		c.Identity = auth.Config{Argon2: auth.Argon2Params{MemoryKiB: 8, Passes: 1, Lanes: 1}, Limits: auth.Limits{Account: 1 << 30, Address: 1 << 30}}
		recipes.WithFiles(c)
	})
}

// ends are words in the names of verbs after which little goes on.
var ends = []string{"Delete", "Erase", "Exit", "Purge", "SignOut", "Archive", "RevokeSession", "Suspend", "LockUser", "Remove", "Reverse"}

// seed fills a database: a deal and people out of builders, and then whatever each verb
// makes of parameters that it likes.
func seed(t *testing.T, db *bun.DB, p *realestate.Platform, m *maker, verbs []*verb) {
	t.Helper()
	for range 3 {
		m.staff = append(m.staff, reflect.ValueOf(realestatetest.Staff(t, db, auth.RoleAdministrator).ID))
	}
	var people []*auth.User
	for range 4 {
		people = append(people, realestatetest.Investor(t, db))
		m.signedIn(t, db, p)
	}
	m.made[reflect.TypeFor[*waterfall.Terms]()] = reflect.ValueOf(terms(t, db, people[3]))
	for round := range 3 {
		m.deal(t, db, people)
		for _, v := range verbs {
			if !anyOf(v.name, ends) || round == 2 {
				v.make(t, m, db)
			}
		}
	}
	// What the last round brought to its end is begun anew, and then nothing is written.
	m.deal(t, db, people)
	m.deal(t, db, people)
	for _, v := range verbs {
		if anyOf(v.name, begins) && !anyOf(v.name, ends) {
			v.make(t, m, db)
		}
	}
	kitchen := recipes.New(t, db, p)
	for _, v := range verbs {
		// One of many secrets is the right one, and its session lasts a while: a recipe has it at once.
		if shown := v.shows() && v.hasRecipe(); !shown {
			v.search(t, m, db, v.shapes()+1)
		}
		if v.err != nil {
			v.byRecipe(t, kitchen, m)
		}
		if v.err != nil {
			v.more = true // what was made of one shape may be gone
			v.search(t, m, db, v.shapes()+1)
		}
	}
}

// begins are words in the names of verbs that others go on from.
var begins = []string{"Create", "Request", "Register", "Add", "Start", "Draft", "Record", "Submit", "Open", "Commit.", "Commitments.Commit", "CallCapital", "SaveProfile",
	"SetTerms", "Link", "Issue", "SignIn"}

// deal adds an offering with what belongs to one.
func (m *maker) deal(t *testing.T, db *bun.DB, people []*auth.User) {
	t.Helper()
	o := realestatetest.Offering(t, db)
	for _, who := range people[:2] {
		realestatetest.Position(t, db, o.ID, who.ID, money.MustParse("50000"))
	}
	sub := realestatetest.Subscription(t, db, o.ID, people[2].ID, money.MustParse("25000"))
	d := realestatetest.Distribution(t, db, o.ID, money.MustParse("1000"))
	for _, v := range []any{o, sub, d, realestatetest.Account(t, db, people[0].ID), realestatetest.Document(t, db, people[0].ID), realestatetest.Event(t, db)} {
		m.harvest(reflect.ValueOf(v), 0)
	}
	for _, who := range people {
		m.keep(reflect.ValueOf(who.ID))
	}
}

// make calls the verb with parameters that succeed, if there are some among a third of
// the shapes, and keeps what comes of it.
func (v *verb) make(t *testing.T, m *maker, db *bun.DB) {
	t.Helper()
	if v.shows() && v.hasRecipe() {
		v.err = errByRecipe
		return
	}
	v.search(t, m, db, v.shapes()/3)
	if v.err != nil || anyOf(v.name, ends) {
		return
	}
	if result, err := v.call(t.Context(), db, v.best); err == nil {
		m.harvest(result, 0)
	}
}

// errByRecipe is why a verb has no arguments yet.
var errByRecipe = errors.New("its recipe comes later")

// terms are those of a waterfall, with a sponsor.
func terms(t *testing.T, db *bun.DB, sponsor *auth.User) *waterfall.Terms {
	t.Helper()
	gp := realestatetest.Account(t, db, sponsor.ID)
	out, err := waterfall.ParseTerms([]byte(`{"promote_recipient": "` + gp.ID.String() + `", "prefs": {"common": {"rate": "0.08", "compounding": "none"}},
		"tiers": {"capital": [{"name": "capital", "type": "return_of_capital"}, {"name": "split", "type": "split", "promote": "0.2"}],
			"operating": [{"name": "pref", "type": "pref"}, {"name": "split", "type": "split", "promote": "0.2"}]}}`))
	require.NoError(t, err)
	return out
}

// signedIn makes a user who has signed in.
func (m *maker) signedIn(t *testing.T, db *bun.DB, p *realestate.Platform) {
	t.Helper()
	const password = "correct horse battery staple"
	u := realestatetest.User(t, db)
	_, err := p.Users.SetPassword(t.Context(), db, auth.SetPasswordParams{UserID: u.ID, New: auth.NewSecret(password), ActorID: m.staff[0].Interface().(id.Of[auth.User])})
	require.NoError(t, err)
	s, err := p.Sessions.SignIn(t.Context(), db, auth.SignInParams{Email: u.Email, Password: auth.NewSecret(password)})
	require.NoError(t, err)
	m.harvest(reflect.ValueOf(s), 0)
}

func anyOf(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// tries is how often parameters that succeed are looked for.
const tries = 30

// shapes is how many shapes of its parameters a verb may need.
func (v *verb) shapes() int {
	if v.shows() || v.more {
		return 8 * tries // one of many secrets is the right one
	}
	return tries
}

// search looks for parameters with which the verb succeeds, in a transaction that is
// rolled back. It begins with the shape that succeeded the last time, and tries n more.
func (v *verb) search(t *testing.T, m *maker, db *bun.DB, n int) {
	t.Helper()
	v.err = nil
	depth, all := -1, v.shapes()
	for i := range n {
		k := v.lucky
		if i > 0 {
			k, v.next = v.next, (v.next+1)%all // others than in the search before
		}
		args := v.args(m, shapeOf(k, v.name))
		err := v.try(t.Context(), db, args)
		if errors.Is(err, fault.Illegal) && fault.CodeOf(err) == "pool_required" {
			v.pool = true
			_, err = v.call(t.Context(), db, args)
		}
		if d := reached(err); d > depth {
			v.best, v.err, depth = args, err, d
		}
		if err == nil {
			v.lucky = k
			return
		}
	}
}

// shapeOf is the i-th shape that is tried for a verb.
func shapeOf(i int, verb string) shape {
	s := shape{full: i == 1}
	if i > 1 {
		s.rnd = rand.New(rand.NewPCG(uint64(i), uint64(len(verb))))
	}
	return s
}

// shows reports whether the verb is shown a secret.
func (v *verb) shows() bool {
	for i := 2; i < v.fn.Type().NumIn(); i++ {
		in := v.fn.Type().In(i)
		if in == secretType {
			return true
		}
		if in.Kind() == reflect.Struct {
			for j := range in.NumField() {
				if in.Field(j).Type == secretType {
					return true
				}
			}
		}
	}
	return false
}

// try calls the verb in a transaction and undoes it.
func (v *verb) try(ctx context.Context, db *bun.DB, args []reflect.Value) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	_, err = v.call(ctx, tx, args)
	return err
}

// reached tells how far a verb came before it failed.
func reached(err error) int {
	if err == nil {
		return 9
	}
	switch fault.KindOf(err) {
	case fault.Invalid:
		return 0
	case fault.NotFound, fault.Forbidden:
		return 1
	}
	return 2
}
