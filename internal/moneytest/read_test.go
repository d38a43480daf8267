package moneytest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/moneytest/model"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// put states an amount; zero says nothing. Amounts under one name add up: who
// was refunded and commits again has a second position under it.
func put(f model.Facts, a money.Amount, path ...string) {
	key := strings.Join(path, "/")
	if before, ok := f[key]; ok {
		sum, err := a.Add(money.MustParse(before))
		if err != nil {
			f["error/"+key] = err.Error()
		}
		a = sum
	}
	delete(f, key)
	if !a.IsZero() {
		f[key] = a.String()
	}
}

func exact(f model.Facts, r *big.Rat, path ...string) {
	if s := r.FloatString(model.ExactDecimals); strings.Trim(s, "-0.") != "" {
		f[strings.Join(path, "/")] = s
	}
}

// exactCents is exact for dollars.
func exactCents(f model.Facts, dollars *big.Rat, path ...string) {
	exact(f, new(big.Rat).Mul(big.NewRat(100, 1), dollars), path...)
}

// reads are what the services are asked for.
var reads = map[string]func(*services, model.Facts, []model.Day) error{
	"commitments": (*services).readCommitments, "distributions": (*services).readDistributions, "reviews": (*services).readReviews,
	"offerings": (*services).readOfferings, "balances": (*services).readBalances, "positions": (*services).readPositions,
	"portfolios": (*services).readPortfolios, "taxes": (*services).readTaxes, "write-offs": (*services).readWriteOffs,
	"told": (*services).readTold, "cash": (*services).readCash, "sheets": (*services).readSheets, "events": (*services).readEvents, "clawback": (*services).readClawback,
}

// facts is what the services say, by the model's paths.
func (s *services) facts(days []model.Day, brief bool) (model.Facts, error) {
	f := model.Facts{}
	if len(days) == 0 {
		return f, s.readDistributions(f, nil)
	}
	for name, read := range reads {
		switch name {
		case "commitments", "distributions", "write-offs", "cash", "sheets":
		default:
			if brief {
				continue
			}
		}
		// What cannot be read is a fact too.
		if err := store.InTx(s.ctx, s.db, func(tx bun.IDB) error {
			in := *s
			in.db = tx
			return read(&in, f, days)
		}); err != nil {
			f["error/"+name] = err.Error()
		}
	}
	return f, nil
}

func (s *services) readCommitments(f model.Facts, _ []model.Day) error {
	all, err := ofOfferings(s, func(ctx context.Context, o id.Of[investments.Offering], r page.Request) (page.Page[investments.Subscription], error) {
		return s.Commitments.Subscriptions(ctx, s.db, investments.SubscriptionFilter{OfferingID: &o}, r)
	})
	if err != nil {
		return err
	}
	names := map[id.Of[investments.Subscription]]string{}
	for name, v := range s.commitments {
		names[v] = name
	}
	for i := range all {
		c := &all[i]
		name := names[c.ID]
		received, err := c.Received.Sub(c.Refunded)
		if err != nil {
			return err
		}
		put(f, received, "commitment", name, "received")
		if c.Status != investments.SubscriptionStatusCancelled {
			left, err := c.Amount.Sub(c.Received)
			if err != nil {
				return err
			}
			put(f, left, "commitment", name, "outstanding")
		}
	}
	return nil
}

func (s *services) readDistributions(f model.Facts, _ []model.Day) error {
	all, err := ofOfferings(s, func(ctx context.Context, o id.Of[investments.Offering], r page.Request) (page.Page[investments.Distribution], error) {
		return s.Distributions.Distributions(ctx, s.db, o, r)
	})
	if err != nil {
		return err
	}
	names := map[id.Of[investments.Distribution]]string{}
	for name, v := range s.dists {
		names[v] = name
	}
	for i := range all {
		d := &all[i]
		name := names[d.ID]
		status := string(d.Status)
		if d.Status == investments.DistributionStatusProcessing || d.Status == investments.DistributionStatusCompleted || d.Status == investments.DistributionStatusFailed {
			status = "approved"
		}
		f["distribution/"+name] = status
		if d.CorrectsID != nil {
			f["distribution/"+name+"/corrects"] = names[*d.CorrectsID]
		}
		if err := s.readLines(f, name, d); err != nil {
			return err
		}
	}
	return nil
}

// ofOfferings walks a list of each offering.
func ofOfferings[T any](s *services, fetch func(context.Context, id.Of[investments.Offering], page.Request) (page.Page[T], error)) (out []T, err error) {
	for _, o := range s.offerings {
		list, err := all(s.ctx, func(ctx context.Context, r page.Request) (page.Page[T], error) { return fetch(ctx, o.ID, r) })
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// payee is the name of who a line is for.
func (s *services) payee(position *id.Of[investments.Position], account *id.Of[investments.Account]) string {
	if position != nil {
		return s.names[position.String()]
	}
	return s.names[account.String()]
}

// readLines states the lines of a distribution. Those of one that is over never change.
func (s *services) readLines(f model.Facts, name string, d *investments.Distribution) error {
	lines, over := s.over[d.ID]
	if !over {
		var err error
		if lines, err = all(s.ctx, func(ctx context.Context, r page.Request) (page.Page[investments.DistributionLine], error) {
			return s.Distributions.DistributionLines(ctx, s.db, d.ID, r)
		}); err != nil {
			return err
		}
	}
	if d.Status == investments.DistributionStatusCancelled || d.Status == investments.DistributionStatusReversed {
		s.over[d.ID] = lines
	}
	first := s.tiers[name] == nil
	if first {
		s.tiers[name], s.lines[name] = model.Facts{}, map[string]id.Of[investments.DistributionLine]{}
	}
	for i := range lines {
		l := &lines[i]
		payee := s.payee(l.PositionID, l.AccountID)
		put(f, l.DistributionAmount, "line", name, payee, "gross")
		put(f, l.TaxWithholding, "line", name, payee, "withheld")
		put(f, l.SetOff, "line", name, payee, "setoff")
		put(f, l.Redirected, "line", name, payee, "redirected")
		put(f, l.InKind, "line", name, payee, "in_kind")
		if l.PaymentStatus != investments.PaymentStatusPending && !l.DistributionAmount.IsZero() {
			f["line/"+name+"/"+payee+"/state"] = string(l.PaymentStatus)
		}
		if !first {
			continue
		}
		s.lines[name][payee] = l.ID
		tiers, err := s.Distributions.LineTiers(s.ctx, s.db, l.ID)
		if err != nil {
			return err
		}
		sums := map[string]money.Amount{}
		for _, t := range tiers {
			put(s.tiers[name], t.Sale, "line", name, payee, "sale")
			if sums[t.Kind], err = sums[t.Kind].Add(t.Amount); err != nil {
				return err
			}
		}
		for kind, a := range sums {
			put(s.tiers[name], a, "line", name, payee, "tier", kind)
		}
	}
	for k, v := range s.tiers[name] {
		f[k] = v
	}
	return nil
}

func (s *services) readOfferings(f model.Facts, days []model.Day) error {
	for name, o := range s.offerings {
		owed, err := all(s.ctx, func(ctx context.Context, r page.Request) (page.Page[investments.Recoverable], error) {
			return s.Distributions.Recoverables(ctx, s.db, o.ID, r)
		})
		if err != nil {
			return err
		}
		if err := s.readDebts(f, name, owed); err != nil {
			return err
		}
		if err := s.readBook(f, name, o); err != nil {
			return err
		}
		if err := s.readCapital(f, o, days); err != nil {
			return err
		}
		if err := s.readExit(f, name, o); err != nil {
			return err
		}
	}
	for name, v := range s.allocations {
		a, err := s.Capital.Allocation(s.ctx, s.db, v)
		if err != nil {
			return err
		}
		put(f, a.Amount, "allocation", name)
	}
	return nil
}

func (s *services) readReviews(f model.Facts, _ []model.Day) error {
	for name, o := range s.offerings {
		if err := s.readReview(f, name, o); err != nil {
			return err
		}
	}
	return nil
}

func (s *services) readReview(f model.Facts, name string, o *investments.Offering) error {
	review, err := s.Distributions.Review(s.ctx, s.db, o.ID)
	if errors.Is(err, history.ErrBetween) {
		return nil // nobody knows what is owed
	}
	if err != nil {
		return err
	}
	for _, u := range review.TrueUp {
		payee := s.names[u.PositionID.String()]
		if payee == "" {
			payee = s.names[u.AccountID.String()]
		}
		put(f, u.Amount, "owed", name, payee)
	}
	return nil
}

func (s *services) readBook(f model.Facts, name string, o *investments.Offering) error {
	totals, err := s.Ledger.TrialBalance(s.ctx, s.db, ledger.TrialBalanceParams{BookID: *o.BookID, Day: date.MustParse("2099-12-31")})
	if err != nil {
		return err
	}
	for _, t := range totals {
		net, err := t.Debits.Sub(t.Credits)
		if err != nil {
			return err
		}
		put(f, net, "book", name, t.Account.Code)
	}
	return nil
}

func (s *services) readCapital(f model.Facts, o *investments.Offering, days []model.Day) error {
	for _, d := range days {
		from := model.D(fmt.Sprintf("%d-01-01", d.Year()))
		accounts, err := all(s.ctx, func(ctx context.Context, r page.Request) (page.Page[investments.CapitalAccount], error) {
			return s.Capital.CapitalAccounts(ctx, s.db, investments.CapitalAccountsParams{OfferingID: o.ID, From: day(from), To: day(d)}, r)
		})
		if err != nil {
			return err
		}
		for i := range accounts {
			c := &accounts[i]
			at := []string{"capital", s.names[c.PositionID.String()], from.String() + ".." + d.String()}
			state := func(a money.Amount, what ...string) { put(f, a, slices.Concat(at, what)...) }
			state(c.Opening, "opening")
			state(c.Closing, "closing")
			state(c.Contributions, "contribution")
			state(c.Refunds.Neg(), "refund")
			state(c.Income, "income")
			state(c.UnrealizedChange, "unrealized")
			state(c.RealizedGains, "realized")
			state(c.Fees.Neg(), "fees")
			state(c.TransfersIn, "in")
			state(c.TransfersOut.Neg(), "out")
			readBeside(f, at, c)
			for sign, b := range map[int]investments.ByCharacter{-1: c.Distributions, 1: c.Reversed} {
				kind := pick(sign < 0, "distribution", "reversal")
				of := func(a money.Amount, character string) { state(pick(sign < 0, a.Neg(), a), kind, character) }
				of(b.ReturnOfCapital, "return_of_capital")
				of(b.Dividend, "dividend")
				of(b.Interest, "interest")
				of(b.CapitalGain, "capital_gain")
				of(b.Unclassified, "unclassified")
			}
		}
	}
	return nil
}

func (s *services) readExit(f model.Facts, name string, o *investments.Offering) error {
	e, err := s.Capital.Exit(s.ctx, s.db, o.ID)
	if errors.Is(err, investments.ErrNotExited) {
		return nil
	}
	if err != nil {
		return err
	}
	put(f, e.RealizedGains, "exit", name, "gains")
	put(f, e.Contributed, "exit", name, "contributed")
	put(f, e.Distributed, "exit", name, "distributed")
	put(f, e.Proceeds, "exit", name, "proceeds")
	put(f, e.TotalReturns, "exit", name, "returns")
	return nil
}

func (s *services) readBalances(f model.Facts, days []model.Day) error {
	for _, o := range s.offerings {
		terms, err := s.Offerings.TermsVersions(s.ctx, s.db, o.ID)
		if err != nil {
			return err
		}
		for _, d := range days {
			list, err := s.Positions.PositionBalances(s.ctx, s.db, o.ID, day(d))
			if err != nil {
				return err
			}
			for _, b := range list {
				at := []string{"balance", s.names[b.PositionID.String()], d.String()}
				put(f, b.Contributed, slices.Concat(at, []string{"contributed"})...)
				put(f, b.Unreturned, slices.Concat(at, []string{"unreturned"})...)
				put(f, b.Distributed, slices.Concat(at, []string{"distributed"})...)
				if len(terms) == 0 {
					continue
				}
				exactCents(f, b.CapitalizedPref.Rat(), slices.Concat(at, []string{"capitalized"})...)
				exactCents(f, b.AccruedPref.Rat(), slices.Concat(at, []string{"accrued"})...)
				put(f, b.UnpaidPref, slices.Concat(at, []string{"unpaid"})...)
			}
		}
	}
	return nil
}

func (s *services) readPositions(f model.Facts, _ []model.Day) error {
	all, err := ofOfferings(s, func(ctx context.Context, o id.Of[investments.Offering], r page.Request) (page.Page[investments.Position], error) {
		return s.Positions.Positions(ctx, s.db, investments.PositionFilter{OfferingID: &o}, r)
	})
	if err != nil {
		return err
	}
	for i := range all {
		p := &all[i]
		name := s.held[p.ID]
		if p.Status.Counts() {
			put(f, p.InvestmentAmount, "position", name, "contributed")
			if p.Units != nil {
				exact(f, p.Units.Rat(), "position", name, "units")
			}
		}
		put(f, p.RealizedGains, "gain", name)
	}
	return nil
}

func (s *services) readPortfolios(f model.Facts, days []model.Day) error {
	who := map[string]id.Of[auth.User]{}
	for name := range s.positions {
		person, _, _ := strings.Cut(model.HolderOf(name), ".")
		who[person] = s.users[person]
	}
	if len(who) == 0 {
		return nil
	}
	var ids []id.Of[auth.User]
	for _, v := range who {
		ids = append(ids, v)
	}
	for _, d := range days {
		if err := s.Reports.RefreshPortfolios(s.ctx, s.db, investments.RefreshPortfoliosParams{InvestorIDs: ids, AsOf: day(d)}); err != nil {
			return err
		}
		for name, v := range who {
			p, err := s.Reports.Portfolio(s.ctx, s.db, v)
			if errors.Is(err, investments.ErrPortfolioNotFound) {
				continue // who only ever promised
			}
			if err != nil {
				return err
			}
			at := []string{"portfolio", name, d.String()}
			put(f, p.TotalInvested, slices.Concat(at, []string{"invested"})...)
			put(f, p.CurrentValue, slices.Concat(at, []string{"value"})...)
			put(f, p.TotalDistributions, slices.Concat(at, []string{"distributed"})...)
			for what, r := range map[string]*decimal.Decimal{"irr": p.IRR, "multiple": p.EquityMultiple} {
				if r != nil {
					f[strings.Join(slices.Concat(at, []string{what}), "/")] = r.String()
				}
			}
			if err := s.readStatement(f, name, v, d); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *services) readStatement(f model.Facts, name string, v id.Of[auth.User], d model.Day) error {
	from := model.D(fmt.Sprintf("%d-01-01", d.Year()))
	st, err := s.Reports.PrepareStatement(s.ctx, s.db, investments.PrepareStatementParams{InvestorID: v, Type: investments.StatementAnnual,
		PeriodStart: day(from), PeriodEnd: day(d), ActorID: s.maker})
	if err != nil {
		return err
	}
	at := []string{"statement", name, from.String() + ".." + d.String()}
	put(f, st.Summary.Opening, slices.Concat(at, []string{"opening"})...)
	put(f, st.Summary.Closing, slices.Concat(at, []string{"closing"})...)
	put(f, st.Summary.Income, slices.Concat(at, []string{"income"})...)
	put(f, st.Summary.Fees.Neg(), slices.Concat(at, []string{"fees"})...)
	return nil
}

func (s *services) readTaxes(f model.Facts, days []model.Day) error {
	year := days[0].Year()
	if year < 2000 {
		return nil
	}
	list, err := all(s.ctx, func(ctx context.Context, r page.Request) (page.Page[investments.TaxTotal], error) {
		return s.Reports.TaxTotals(ctx, s.db, investments.TaxFilter{Year: year}, r)
	})
	if err != nil {
		return err
	}
	for _, t := range list {
		holder := s.names[t.InvestorID.String()]
		if t.AccountID != nil {
			holder = s.names[t.AccountID.String()]
		}
		character := ""
		if t.Character != nil {
			character = string(*t.Character)
		}
		put(f, t.Gross, "tax", strconv.Itoa(year), holder, character, "gross")
		put(f, t.Withheld, "tax", strconv.Itoa(year), holder, character, "withheld")
	}
	return nil
}

// same compares rates with what the columns keep of them; everything else has
// to be equal to the digit.
func (s *services) same(key, want, got string) bool {
	within := func(tolerance float64) bool {
		a, errA := strconv.ParseFloat(want, 64)
		b, errB := strconv.ParseFloat(got, 64)
		return errA == nil && errB == nil && math.Abs(a-b) <= tolerance*math.Max(1, math.Abs(a))
	}
	switch {
	case strings.HasSuffix(key, "/irr"):
		return within(1e-6)
	case strings.HasSuffix(key, "/multiple"):
		return within(1e-6)
	case strings.HasSuffix(key, "/capitalized"), strings.HasSuffix(key, "/accrued"):
		return within(1e-18)
	}
	return false
}
