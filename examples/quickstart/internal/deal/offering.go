package deal

import (
	"net/mail"
	"strings"

	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/tabular"
)

var offeringFields = []tabular.Column{
	{Name: "name", Also: []string{"offering_name"}, Required: true},
	{Name: "slug"},
	{Name: "summary", Also: []string{"executive_summary"}},
	{Name: "open_date", Required: true}, {Name: "close_date", Required: true},
	{Name: "minimum_raise"}, {Name: "target_raise", Also: []string{"target"}, Required: true},
	{Name: "hard_cap", Required: true},
	{Name: "minimum_investment"}, {Name: "maximum_investment"},
	{Name: "manager_first_name"}, {Name: "manager_last_name", Required: true}, {Name: "manager_email", Required: true},
	{Name: "approver_first_name"}, {Name: "approver_last_name", Required: true}, {Name: "approver_email", Required: true},
}

func (d *Deal) readOffering(f *tabular.File) {
	r := f.Record(offeringFields)
	d.Offering = Offering{
		Name: r.NeedText("name"), Slug: r.Text("slug"), Summary: r.Text("summary"),
		Open: r.NeedDate("open_date"), Close: r.NeedDate("close_date"),
		MinimumRaise: r.Amount("minimum_raise"), Target: r.Amount("target_raise"), HardCap: r.Amount("hard_cap"),
		MinimumInvestment: r.Amount("minimum_investment"), MaximumInvestment: r.Amount("maximum_investment"),
		Manager: person(r, "manager_"), Approver: person(r, "approver_"),
	}
	o := &d.Offering
	if o.Slug == "" {
		o.Slug = properties.Slug(o.Name)
	}
	if properties.Slug(o.Slug) != o.Slug {
		r.Reject("slug", "lower-case letters, digits and single hyphens are wanted")
	}
	if !o.Close.IsZero() && o.Close.Before(o.Open) {
		r.Reject("close_date", "the offering closes before it opens")
	}
	ascending(r, []string{"minimum_raise", "target_raise", "hard_cap"}, []*money.Amount{o.MinimumRaise, o.Target, o.HardCap})
	ascending(r, []string{"minimum_investment", "maximum_investment"}, []*money.Amount{o.MinimumInvestment, o.MaximumInvestment})
	if o.Manager.Email != "" && strings.EqualFold(o.Manager.Email, o.Approver.Email) {
		r.Reject("approver_email", "a distribution is approved by somebody else than its creator")
	}
}

// ascending reports amounts that are below zero or below the one before.
func ascending(r tabular.Row, columns []string, amounts []*money.Amount) {
	last := money.Zero
	for i, a := range amounts {
		switch {
		case a == nil:
		case a.Sign() < 0:
			r.Reject(columns[i], "the amount is below zero")
		case a.Less(last):
			r.Reject(columns[i], "%s do not ascend", strings.Join(columns, ", "))
		default:
			last = *a
		}
	}
}

// person reads a person from three columns that share a prefix.
func person(r tabular.Row, prefix string) Person {
	p := Person{First: r.Text(prefix + "first_name"), Last: r.NeedText(prefix + "last_name"), Email: r.NeedText(prefix + "email")}
	if a, err := mail.ParseAddress(p.Email); p.Email != "" && (err != nil || a.Address != p.Email) {
		r.Reject(prefix+"email", "an address such as ada@example.com is wanted")
	}
	return p
}

var classColumns = []tabular.Column{
	{Name: "class", Also: []string{"code", "share_class"}, Required: true},
	{Name: "name"},
	{Name: "unit_price", Also: []string{"price"}, Required: true},
	{Name: "minimum", Also: []string{"minimum_investment"}},
}

func (d *Deal) readClasses(f *tabular.File) {
	t := f.Table(classColumns)
	for _, r := range t.Rows {
		c := Class{Code: r.NeedText("class"), Name: r.Text("name"), Minimum: r.Amount("minimum")}
		if price := r.Amount("unit_price"); price != nil {
			c.UnitPrice = price.Decimal()
			if price.Sign() <= 0 {
				r.Reject("unit_price", "a price above zero is wanted")
			}
		}
		if d.class(c.Code) != nil {
			r.Reject("class", "the file has this class twice")
		}
		d.Classes = append(d.Classes, c)
	}
	if len(t.Rows) == 0 && len(f.Problems()) == 0 {
		f.Reject(tabular.Cell{}, "", "the offering has no classes")
	}
}

// class finds a share class by its code, or nil.
func (d *Deal) class(code string) *Class {
	for i := range d.Classes {
		if d.Classes[i].Code == code {
			return &d.Classes[i]
		}
	}
	return nil
}
