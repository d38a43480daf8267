package deal

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/tabular"
)

// Transfer is what one account passes on to another within a class.
type Transfer struct {
	From, To  *Account
	Class     string
	Fraction  decimal.Decimal // of all that From holds of the class
	Effective date.Date
	Reason    string
}

// transferColumns say what passes on; the columns without "from" describe the
// receiver as those of investors.csv do.
var transferColumns = append([]tabular.Column{
	{Name: "from_email", Required: true},
	{Name: "from_account", Also: []string{"from_account_name"}},
	{Name: "class", Also: []string{"share_class"}, Required: true},
	{Name: "fraction", Also: []string{"part"}, Required: true},
	{Name: "effective_date", Also: []string{"date", "effective"}, Required: true},
	{Name: "reason", Required: true},
}, accountColumns...)

// holding is what an account has of a class.
type holding struct {
	account *Account
	since   date.Date // the last day that money came in, zero when none has
	waits   bool      // a commitment has not been funded
	gone    bool      // all of it was passed on
}

func (d *Deal) readTransfers(f *tabular.File) {
	t := f.Table(transferColumns)
	held, seen := d.holdings(), map[string]bool{}
	var last date.Date
	for _, r := range t.Rows {
		to := readAccount(r)
		x := Transfer{To: &to, Class: r.NeedText("class"), Fraction: r.NeedRate("fraction"), Effective: r.NeedDate("effective_date"), Reason: r.NeedText("reason")}
		if f := x.Fraction; r.Has("fraction") && (f.Sign() <= 0 || f.GreaterThan(whole) || !f.Equal(f.Truncate(investments.FractionDecimals))) {
			r.Reject("fraction", "a part of the whole, at most 100%%, with at most ten decimals is wanted")
		}
		if !x.Effective.IsZero() {
			if x.Effective.Before(last) {
				r.Reject("effective_date", "transfers are listed by date")
			}
			last = x.Effective
		}
		for _, known := range d.Accounts() {
			if known.Key() == to.Key() && !same(*known, to) {
				r.Reject("account_type", "the account was described otherwise above or in %s", InvestorsFile)
			}
		}
		if from := giver(r, held, x.Class); from != nil {
			x.From = from.account
			from.check(r, &x)
			if from.account.Sponsor != to.Sponsor && d.Terms != nil && tellsSponsor(d.Terms) {
				r.Reject("from_email", "a catch-up or a hurdle of %s tells the sponsor's profit from that of others, so units stay on one side", TermsFile)
			}
			if same := strings.Join([]string{from.account.Key(), to.Key(), x.Class, x.Effective.String()}, "\x00"); seen[same] {
				r.Reject("effective_date", "the file has a transfer between these accounts on this day")
			} else {
				seen[same] = true
			}
			key := to.Key() + "/" + x.Class
			if held[key] == nil {
				held[key] = &holding{account: &to}
			}
			held[key].since, held[key].gone = x.Effective, false
		}
		d.Transfers = append(d.Transfers, x)
	}
}

// whole is the fraction of a transfer that leaves nothing.
var whole = decimal.NewFromInt(1)

// check reports why a holding cannot be passed on, and keeps that it was.
func (h *holding) check(r tabular.Row, x *Transfer) {
	all := x.Fraction.Equal(whole)
	switch {
	case h.gone:
		r.Reject("from_email", "everything was passed on before")
	case h.waits && all:
		r.Reject("from_email", "a commitment of the account has not been funded")
	case h.account.Key() == x.To.Key():
		r.Reject("email", "the receiver is another account")
	case !x.Effective.IsZero() && !x.Effective.After(h.since):
		r.Reject("effective_date", "what passes on came in on %s or later", h.since)
	}
	h.gone = h.gone || all
}

// tellsSponsor reports whether later payments depend on who bore promote in the
// past, which a transfer would blur.
func tellsSponsor(t *waterfall.Terms) bool {
	return slices.ContainsFunc(slices.Concat(t.Tiers.Operating, t.Tiers.Capital), func(s waterfall.Tier) bool {
		return s.Type == waterfall.TierCatchUp || s.Type == waterfall.TierHurdle && s.By != waterfall.ByInvestor
	})
}

// holdings are the funded commitments, by account and class.
func (d *Deal) holdings() map[string]*holding {
	held := map[string]*holding{}
	for i := range d.Commitments {
		c := &d.Commitments[i]
		key := c.Account.Key() + "/" + c.Class
		if held[key] == nil {
			held[key] = &holding{account: &c.Account}
		}
		switch h := held[key]; {
		case c.Funded == nil:
			h.waits = true
		case c.Funded.After(h.since):
			h.since = *c.Funded
		}
	}
	return held
}

// giver finds the holding that a line names.
func giver(r tabular.Row, held map[string]*holding, class string) (found *holding) {
	email, name := r.NeedText("from_email"), r.Text("from_account")
	for key, h := range held {
		if !strings.HasSuffix(key, "/"+class) || h.since.IsZero() || !strings.EqualFold(h.account.Owner.Email, email) ||
			name != "" && h.account.Name != name {
			continue
		}
		if found != nil {
			r.Reject("from_account", "the owner has several such accounts; name one")
			return nil
		}
		found = h
	}
	if found == nil && email != "" && class != "" {
		r.Reject("from_email", "no account of this owner holds funded units of the class")
	}
	return found
}
