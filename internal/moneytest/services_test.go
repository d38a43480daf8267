package moneytest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/moneytest/model"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// services are the product's side: one platform in one transaction, and the ids
// behind the names of a history.
type services struct {
	ctx context.Context
	db  bun.IDB
	*realestate.Platform
	property    id.Of[properties.Property]
	maker       id.Of[auth.User] // asks for things, and checker agrees
	checker     id.Of[auth.User]
	offerings   map[string]*investments.Offering
	users       map[string]id.Of[auth.User]
	accounts    map[string]id.Of[investments.Account]
	commitments map[string]id.Of[investments.Subscription]
	positions   map[string]id.Of[investments.Position]
	dists       map[string]id.Of[investments.Distribution]
	lines       map[string]map[string]id.Of[investments.DistributionLine]
	tiers       map[string]model.Facts // of a distribution; they never change
	allocations map[string]id.Of[investments.Allocation]
	held        map[id.Of[investments.Position]]string // every position that was, by name
	names       map[string]string                      // of positions and accounts, by id
	offeringOf  map[string]string                      // of distributions
	writeOffs   map[string]id.Of[investments.WriteOff]
	cashes      map[string]id.Of[investments.CashRecord]
	events      eventIDs
	termed      map[string]bool                                                    // offerings that have terms
	turn        int                                                                // how often facts were read
	over        map[id.Of[investments.Distribution]][]investments.DistributionLine // of those that are over
	cited       map[string][]investments.CashSource                                // by distribution; they never change
	settling    map[string]bool                                                    // the verbs that settle debts and were tried
}

func newServices(t testing.TB, db bun.IDB) *services {
	now := time.Date(2030, 1, 1, 9, 0, 0, 0, time.UTC)
	p, err := realestate.New(realestate.Config{Now: func() time.Time { return now },
		Gate: func(*investments.Offering, *investments.Account, investments.Evidence) error { return nil }})
	require.NoError(t, err)
	s := &services{ctx: t.Context(), db: db, Platform: p, offerings: map[string]*investments.Offering{},
		users: map[string]id.Of[auth.User]{}, accounts: map[string]id.Of[investments.Account]{},
		commitments: map[string]id.Of[investments.Subscription]{}, positions: map[string]id.Of[investments.Position]{},
		dists: map[string]id.Of[investments.Distribution]{}, lines: map[string]map[string]id.Of[investments.DistributionLine]{},
		tiers: map[string]model.Facts{}, allocations: map[string]id.Of[investments.Allocation]{}, names: map[string]string{},
		held: map[id.Of[investments.Position]]string{}, offeringOf: map[string]string{}, writeOffs: map[string]id.Of[investments.WriteOff]{},
		cashes: map[string]id.Of[investments.CashRecord]{}, events: eventIDs{}, termed: map[string]bool{},
		over: map[id.Of[investments.Distribution]][]investments.DistributionLine{}, cited: map[string][]investments.CashSource{}, settling: map[string]bool{}}
	s.property = realestatetest.Property(t, db).ID
	s.maker, s.checker = s.user(t, "maker"), s.user(t, "checker")
	gp, err := p.Accounts.Open(s.ctx, db, investments.OpenAccountParams{InvestorID: s.user(t, "gp"), Type: investments.AccountLLC,
		Name: "Elm Sponsor LLC", IsSponsor: true, ActorID: s.maker})
	require.NoError(t, err)
	s.accounts["gp"], s.names[gp.ID.String()] = gp.ID, "gp"
	return s
}

func (s *services) user(t testing.TB, name string) id.Of[auth.User] {
	u, err := s.register(name)
	require.NoError(t, err)
	return u
}

func (s *services) register(name string) (id.Of[auth.User], error) {
	if u, ok := s.users[name]; ok {
		return u, nil
	}
	u, err := s.Users.Register(s.ctx, s.db, auth.RegisterParams{Email: id.New[auth.User]().String() + "@example.com"})
	if err != nil {
		return id.Of[auth.User]{}, err
	}
	s.users[name], s.names[u.ID.String()] = u.ID, name
	return u.ID, nil
}

// holder is the user and the account behind a holder; "h3" invests in person.
func (s *services) holder(name string) (id.Of[auth.User], *id.Of[investments.Account], error) {
	person, _, other := strings.Cut(name, ".")
	u, err := s.register(person)
	if err != nil || !other {
		return u, nil, err
	}
	if a, ok := s.accounts[name]; ok {
		return u, &a, nil
	}
	a, err := s.Accounts.Open(s.ctx, s.db, investments.OpenAccountParams{InvestorID: u, Type: investments.AccountLLC, Name: "Elm Holdings LLC", ActorID: s.maker})
	if err != nil {
		return u, nil, err
	}
	s.accounts[name], s.names[a.ID.String()] = a.ID, name
	return u, &a.ID, nil
}

// key is an idempotency key; other histories of the process run beside this one.
func (s *services) key() string { return id.New[model.Step]().String() }

func cents(c model.Cents) money.Amount { return money.MustParse(model.Money(c)) }

func day(d model.Day) date.Date { return date.MustParse(d.String()) }

// do carries a command out in a savepoint of its own. A fault is a refusal, by
// its code.
func (s *services) do(step *model.Step) (refused string, ids map[string]string, err error) {
	ids = map[string]string{}
	for _, h := range []string{step.Holder, step.To, step.By} {
		if h != "" {
			if _, _, err := s.holder(h); err != nil { // people stay, whatever becomes of what they ask for
				return "", nil, err
			}
		}
	}
	err = store.InTx(s.ctx, s.db, func(tx bun.IDB) error {
		in := *s
		in.db = tx
		return in.carryOut(step, ids)
	})
	var f *fault.Error
	if errors.As(err, &f) {
		return strings.TrimSpace(f.Code + " " + f.Field), nil, nil
	}
	for name, v := range ids {
		s.names[v] = name
	}
	return "", ids, err
}

// deeds are the verbs of the services by the names of the model's.
var deeds = map[string]func(*services, *model.Step, map[string]string) error{
	"offering": (*services).offering, "terms": (*services).terms, "commit": (*services).commit, "receive": (*services).receive,
	"refund": (*services).refund, "uncommit": (*services).uncommit, "transfer": (*services).transfer,
	"declare": (*services).declare, "approve": (*services).approve, "cancel": (*services).cancelDistribution,
	"pay": (*services).pay, "process": (*services).process, "confirm": (*services).confirm, "fail": (*services).fail,
	"reissue": (*services).reissue, "reverse": (*services).reverse, "recover": (*services).recover,
	"allocate": (*services).allocate, "unalloc": (*services).unallocate, "close": (*services).close,
	"exit": (*services).exit, "unexit": (*services).unexit, "writeoff": (*services).writeOff, "agree": (*services).agree,
	"disagree": (*services).disagree, "cash": (*services).cash, "uncash": (*services).uncash,
	"lend": (*services).lend, "repay": (*services).repay, "dilute": (*services).dilute, "withdraw": (*services).withdraw, "default": (*services).enter,
}

func (s *services) carryOut(step *model.Step, ids map[string]string) error {
	deed, ok := deeds[step.Verb]
	if !ok {
		return fmt.Errorf("moneytest: no verb %q", step.Verb)
	}
	return deed(s, step, ids)
}

func (s *services) offering(step *model.Step, _ map[string]string) error {
	p := investments.CreateOfferingParams{PropertyID: s.property, Name: step.Name, Slug: id.New[investments.Offering]().String(), ActorID: s.maker}
	for _, class := range []string{"a", "b", "c"} {
		price, ok := step.Classes[class]
		if !ok {
			continue
		}
		c := investments.ShareClassParams{Code: class}
		if price != "" {
			d := decimal.RequireFromString(price)
			c.UnitPrice = &d
		}
		p.Classes = append(p.Classes, c)
	}
	o, err := s.Offerings.Create(s.ctx, s.db, p)
	if err == nil {
		o, err = s.Offerings.Open(s.ctx, s.db, investments.OpenOfferingParams{OfferingID: o.ID, ActorID: s.maker})
	}
	s.offerings[step.Name] = o
	return err
}

func (s *services) terms(step *model.Step, ids map[string]string) error {
	ids[step.Terms.Promote] = s.accounts[step.Terms.Promote].String() // ties of the payees' ids
	b, err := json.Marshal(step.Terms)
	if err != nil {
		return err
	}
	var plain any
	if err := json.Unmarshal(b, &plain); err != nil {
		return err
	}
	plain = filled(plain)
	plain.(map[string]any)["promote_recipient"] = s.accounts[step.Terms.Promote].String()
	if b, err = json.Marshal(plain); err != nil {
		return err
	}
	t, err := waterfall.ParseTerms(b)
	if err != nil {
		return err
	}
	_, err = s.Offerings.SetTerms(s.ctx, s.db, investments.SetTermsParams{OfferingID: s.offerings[step.Offering].ID,
		EffectiveDate: day(step.Day), Terms: t, ActorID: s.maker})
	s.termed[step.Offering] = s.termed[step.Offering] || err == nil
	return err
}

// filled leaves out what is empty.
func filled(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if e == nil || e == "" {
				delete(v, k)
				continue
			}
			v[k] = filled(e)
		}
	case []any:
		for i := range v {
			v[i] = filled(v[i])
		}
	}
	return v
}

// signed is the day of every commitment: no money is received before its commitment,
// and here money is booked in any order.
var signed = date.Must(2010, 1, 1)

func (s *services) commit(step *model.Step, ids map[string]string) error {
	u, a, err := s.holder(step.Holder)
	if err != nil {
		return err
	}
	c, err := s.Commitments.Commit(s.ctx, s.db, investments.CommitParams{IdempotencyKey: s.key(), OfferingID: s.offerings[step.Offering].ID,
		InvestorID: u, AccountID: a, ShareClass: step.Class, Amount: cents(step.Amount), Date: signed, ActorID: u})
	if err != nil {
		return err
	}
	s.commitments[step.Name] = c.ID
	ids[step.Holder] = u.String() // by which partners of several deals are in order
	if a != nil {
		ids[step.Holder] = a.String()
	}
	s.position(step.Offering+"/"+step.Holder+"/"+step.Class, *c.PositionID, ids)
	return nil
}

func (s *services) position(name string, v id.Of[investments.Position], ids map[string]string) {
	s.positions[name], s.held[v], ids[name] = v, name, v.String()
}

func (s *services) receive(step *model.Step, _ map[string]string) error {
	_, err := s.Commitments.ReceiveContribution(s.ctx, s.db, investments.ReceiveContributionParams{IdempotencyKey: s.key(),
		SubscriptionID: s.commitments[step.Of], Amount: cents(step.Amount), Date: day(step.Day), ActorID: s.maker})
	return err
}

func (s *services) refund(step *model.Step, _ map[string]string) error {
	_, err := s.Commitments.RefundContribution(s.ctx, s.db, investments.RefundContributionParams{IdempotencyKey: s.key(),
		SubscriptionID: s.commitments[step.Of], Amount: cents(step.Amount), Date: day(step.Day), Reason: "sent too much", ActorID: s.maker})
	return err
}

func (s *services) uncommit(step *model.Step, _ map[string]string) error {
	_, err := s.Commitments.CancelSubscription(s.ctx, s.db, investments.CancelSubscriptionParams{IdempotencyKey: s.key(),
		SubscriptionID: s.commitments[step.Of], Reason: "changed plans", ActorID: s.maker})
	return err
}

func (s *services) transfer(step *model.Step, ids map[string]string) error {
	u, a, err := s.holder(step.To)
	if err != nil {
		return err
	}
	seller, _, err := s.holder(step.Holder)
	if err != nil {
		return err
	}
	from, f := s.positions[step.Offering+"/"+step.Holder+"/"+step.Class], decimal.RequireFromString(step.Fraction)
	var tr *investments.Transfer
	switch step.Type {
	case "transfer":
		var price *money.Amount
		if step.Price != nil {
			p := cents(*step.Price)
			price = &p
		}
		tr, err = s.Positions.RequestTransfer(s.ctx, s.db, investments.RequestTransferParams{IdempotencyKey: s.key(), PositionID: from,
			ToInvestorID: u, ToAccountID: a, Price: price, Fraction: f, EffectiveDate: day(step.Day), ActorID: seller})
	case "correction":
		tr, err = s.Positions.RequestCorrection(s.ctx, s.db, investments.RequestCorrectionParams{IdempotencyKey: s.key(), PositionID: from,
			ToInvestorID: u, ToAccountID: a, Fraction: f, EffectiveDate: day(step.Day), Reason: "the wrong holder", ActorID: s.maker})
	default:
		tr, err = s.Positions.RequestConversion(s.ctx, s.db, investments.RequestConversionParams{IdempotencyKey: s.key(), PositionID: from,
			ToShareClass: step.ToClass, Fraction: f, EffectiveDate: day(step.Day), ActorID: seller})
	}
	if err != nil {
		return err
	}
	if _, err = s.Positions.ApproveTransfer(s.ctx, s.db, investments.ApproveTransferParams{TransferID: tr.ID, ActorID: s.checker}); err != nil {
		return err
	}
	tr, err = s.Positions.CompleteTransfer(s.ctx, s.db, investments.CompleteTransferParams{IdempotencyKey: s.key(), TransferID: tr.ID, ActorID: s.maker})
	if err != nil {
		return err
	}
	ids[step.To] = u.String()
	if a != nil {
		ids[step.To] = a.String()
	}
	s.position(step.Offering+"/"+step.To+"/"+pick(step.ToClass == "", step.Class, step.ToClass), *tr.ToPositionID, ids)
	return nil
}

// all walks every page of a list.
func all[T any](ctx context.Context, fetch func(context.Context, page.Request) (page.Page[T], error)) (out []T, err error) {
	for v, err := range page.All(ctx, fetch) {
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}
