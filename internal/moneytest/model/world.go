package model

import "math/big"

// World is what was commanded so far. Nothing else is kept: every question is
// answered by running the commands again.
type World struct {
	Broken    Broken
	offerings map[string]*offering
	order     []string
	ids       map[string]string // of positions and accounts, for ties
	seq       int
}

// New is an empty world in which a rule is broken, or none.
func New(b Broken) *World {
	return &World{Broken: b, offerings: map[string]*offering{}, ids: map[string]string{}}
}

// Identify says which id a position ("o1/h2/a") or an account ("h2") has, by
// which ties are broken. Without one its own name is its id.
func (w *World) Identify(name, id string) {
	w.ids[name] = id
	for _, o := range w.offerings {
		o.answers = map[question]*run{}
	}
}

func (w *World) id(name string) string {
	if v, ok := w.ids[name]; ok {
		return v
	}
	return name
}

func (w *World) next() int { w.seq++; return w.seq }

// offering is a deal, its dated facts in the order of their recording.
type offering struct {
	w           *World
	name        string
	prices      map[string]*big.Rat // by class; nil where it has no units
	versions    []version
	commitments map[string]*commitment
	receipts    []*receipt
	refunds     []*refund
	transfers   []*transfer
	dists       []*dist
	allocations []*allocation
	owing       []*debt
	settled     []*settlement
	writeOffs   []*writeOff
	cashes      []*cashRecord
	events      []*partnerEvent
	closed      bool
	exit        *exit
	exits       []entry           // what exits and their reversals booked
	answers     map[question]*run // since the last command
	posted      []posting         // likewise
	known       memo              // likewise
}

// memo is what was worked out since the last command; nobody changes it.
type memo struct {
	holdings map[Day]map[string]*holding
	account  []entry
	capital  []entry
	carried  map[*transfer][]entry
}

type version struct {
	from  Day
	terms *Terms
	seq   int
}

type commitment struct {
	name, holder, class string
	amount              Cents
	received            Cents // less what was refunded
	cancelled           bool
}

type receipt struct {
	commitment *commitment
	day        Day
	amount     Cents
	undone     Cents // by refunds; see netted
	seq        int
}

type refund struct {
	commitment *commitment
	day        Day
	amount     Cents
	seq        int
}

type transfer struct {
	kind     string // transfer, correction, conversion
	from, to string // positions
	fraction *big.Rat
	day      Day
	price    *Cents
	seq      int
}

// The states of a line; "" is pending.
const (
	sent      = "sent"
	completed = "completed"
	failed    = "failed"
	billed    = "billed"
)

type dist struct {
	name, kind, method, character string // kind is the type: quarterly, sale_proceeds
	day, record                   Day
	amount                        Cents
	withhold                      map[string]*big.Rat
	own                           lots // by payee and tier, without true-up
	lines                         map[string]*line
	status                        string // pending, approved, cancelled, reversed
	reversed                      Day
	approved, undone              int // when it was approved and reversed, in the order of recording
	corrects                      string
	sources                       map[string]Cents // by record of cash
	advances                      map[string]Cents // by payee
	releases                      map[string]Cents // by reserve
	held                          []heldBack       // nil until it is declared
	seq                           int
}

func (d *dist) live() bool { return d.status != "cancelled" && d.status != "reversed" }
func (d *dist) booked() bool {
	return d.status == "approved" || d.status == "reversed" && d.reversed != 0
}

type line struct {
	gross, withheld, setOff Cents
	redirected              Cents // to those who lent, or from those who borrowed
	inKind                  Cents // of the net
	tiers                   map[lot]Cents
	state                   string
	moved                   []cash // dated: paid, and come back
	handed                  Day    // to the bank
	back                    Day    // the failed attempt's money
}

// net is what is paid of a line, at the bank; below zero it is owed.
func (l *line) net() Cents { return l.gross + l.redirected - l.withheld - l.setOff }

// cash is the payment of a line, or its undoing, whose amounts have the other sign.
type cash struct {
	day    Day
	amount Cents // gross
	tax    Cents // withheld of it
	net    Cents // at the bank; none where nothing moved there
	kind   Cents // of the net, in kind
	back   bool
}

// kinds are the amounts of a line by kind of tier, and ofSale is what of them is
// proceeds of a sale.
func (l *line) kinds() map[string]Cents {
	out := map[string]Cents{}
	for of, c := range l.tiers {
		out[of.kind] += c
	}
	return out
}

func (l *line) ofSale() (sum Cents) {
	for of, c := range l.tiers {
		sum += pick(of.sale, c, 0)
	}
	return sum
}

func (l *line) paid() bool { return l.state == completed }

type allocation struct {
	name, kind string
	from, to   Day
	amount     Cents
	parts      map[string]Cents
	reversed   Day
	seq        int
	undone     int
}

type exit struct {
	day      Day
	writeOff bool
	gains    map[string]Cents
	first    int // of its entries
}

// position names what a holder has of a class.
func (o *offering) position(holder, class string) string {
	return o.name + "/" + holder + "/" + class
}

// terms in force on a day; the first version where none is yet, nil where there
// are none at all.
func (o *offering) terms(day Day) *Terms {
	var t *Terms
	for _, v := range o.versions {
		if v.from <= day || t == nil {
			t = v.terms
		}
	}
	return t
}

func (o *offering) changes() (out []Day) {
	for i, v := range o.versions {
		if i > 0 {
			out = append(out, v.from)
		}
	}
	return out
}

func (o *offering) dist(name string) *dist {
	for _, d := range o.dists {
		if d.name == name {
			return d
		}
	}
	return nil
}
