package moneytest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/internal/moneytest/model"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// What people are told: portfolios, statements, tax totals.

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
			if s.states(name) {
				if err := s.readStatement(f, name, v, d); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// states reports whether somebody is asked for their statement this time. In the gate
// it is a third of the people after each command.
func (s *services) states(name string) bool {
	h := fnv.New32()
	_, _ = h.Write([]byte(name))
	return thorough || (int(h.Sum32()%3)+s.turn)%3 == 0
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
