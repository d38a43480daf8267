package main

import (
	"context"
	"net/http"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// propertyBody is a property as this API shows it: a contract of its own, so
// that the library's models may grow without the clients noticing.
type propertyBody struct {
	ID            id.Of[properties.Property] `json:"id"`
	Name          string                     `json:"name"`
	Slug          string                     `json:"slug"`
	AddressLine1  string                     `json:"address_line1"`
	City          string                     `json:"city"`
	State         string                     `json:"state"`
	ZipCode       string                     `json:"zip_code"`
	TotalUnits    int                        `json:"total_units"`
	PurchasePrice *money.Amount              `json:"purchase_price"`
	Version       int64                      `json:"version"`
}

func showProperty(p *properties.Property) propertyBody {
	return propertyBody{p.ID, p.Name, p.Slug, p.AddressLine1, p.City, p.State, p.ZipCode, p.TotalUnits, p.PurchasePrice, p.Version}
}

type propertyRequest struct {
	Name          string `json:"name"`
	Slug          string `json:"slug"` // derived from the name when absent
	AddressLine1  string `json:"address_line1"`
	City          string `json:"city"`
	State         string `json:"state"`
	ZipCode       string `json:"zip_code"`
	TotalUnits    *int   `json:"total_units"`
	PurchasePrice string `json:"purchase_price"`
}

func (a *api) registerProperty(c *call) (answer, error) {
	var in propertyRequest
	if err := decode(c.Request, &in); err != nil {
		return answer{}, err
	}
	var f fields
	p := properties.RegisterPropertyParams{
		ID:   id.New[properties.Property](), // the same when the verb runs again
		Name: in.Name, Slug: in.Slug, AddressLine1: in.AddressLine1, City: in.City, State: in.State, ZipCode: in.ZipCode,
		PropertyDetails: properties.PropertyDetails{TotalUnits: in.TotalUnits, PurchasePrice: f.optionalAmount("purchase_price", in.PurchasePrice)},
	}
	if err := f.Err(); err != nil {
		return answer{}, err
	}
	return perform(a, c, http.StatusCreated, showProperty, func(ctx context.Context, tx bun.IDB) (*properties.Property, error) {
		return a.platform.Properties.RegisterProperty(ctx, tx, p)
	})
}

func (a *api) property(c *call) (answer, error) {
	v, err := pathID[properties.Property](c.Request, "property", properties.ErrPropertyNotFound)
	if err != nil {
		return answer{}, err
	}
	p, err := a.platform.Properties.Property(c.Context(), a.db, v)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, showProperty(p)}, nil
}

func (a *api) listProperties(c *call) (answer, error) {
	request, err := pageRequest(c.Request)
	if err != nil {
		return answer{}, err
	}
	p, err := a.platform.Properties.Properties(c.Context(), a.db, properties.PropertyFilter{State: c.URL.Query().Get("state")}, request)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, showPage(p, showProperty)}, nil
}

// maxPage is the largest page that this API gives out; the library would allow
// more.
const maxPage = 100

// pageRequest reads ?limit= and ?after=.
func pageRequest(r *http.Request) (page.Request, error) {
	query := r.URL.Query()
	out := page.Request{After: page.Cursor(query.Get("after")), Limit: page.DefaultLimit}
	if text := query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxPage {
			return out, page.ErrLimit.With("here at most %d", maxPage)
		}
		out.Limit = n
	}
	return out, nil
}

// showPage turns a page of rows into a page of bodies.
func showPage[T, B any](p page.Page[T], show func(*T) B) page.Page[B] {
	out := page.Page[B]{Items: make([]B, len(p.Items)), Next: p.Next}
	for i := range p.Items {
		out.Items[i] = show(&p.Items[i])
	}
	return out
}
