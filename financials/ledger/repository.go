package ledger

import (
	"time"

	"github.com/freehold-go/freehold/internal/store"
)

// books is the repository of Book rows, by code.
var books = store.Repo[Book]{
	NotFound:    ErrBookNotFound,
	Constraints: constraints,
	Sort: store.Sort[Book]{
		Columns: []store.Column{{Name: "code", Type: "text"}, {Name: "id", Type: "uuid"}},
		Key:     func(b *Book) []string { return []string{b.Code, b.ID.String()} },
	},
}

// accounts is the repository of Account rows, by code within a book.
var accounts = store.Repo[Account]{
	NotFound:    ErrAccountNotFound,
	Constraints: constraints,
	Sort: store.Sort[Account]{
		Columns: []store.Column{{Name: "code", Type: "text"}, {Name: "id", Type: "uuid"}},
		Key:     func(a *Account) []string { return []string{a.Code, a.ID.String()} },
	},
}

// periods is the repository of Period rows, by their first day.
var periods = store.Repo[Period]{
	NotFound:    ErrPeriodNotFound,
	Constraints: constraints,
	Sort: store.Sort[Period]{
		Columns: []store.Column{{Name: "period_start", Type: "date"}, {Name: "id", Type: "uuid"}},
		Key:     func(p *Period) []string { return []string{p.PeriodStart.String(), p.ID.String()} },
	},
}

// journals is the repository of Journal rows, by effective date.
var journals = store.Repo[Journal]{
	NotFound:    ErrJournalNotFound,
	Constraints: constraints,
	Sort: store.Sort[Journal]{
		Columns: []store.Column{{Name: "effective_date", Type: "date"}, {Name: "id", Type: "uuid"}},
		Key:     func(j *Journal) []string { return []string{j.EffectiveDate.String(), j.ID.String()} },
	},
}

// postings is the repository of Posting rows; they are written in bulk and read
// by queries of their own.
var postings = store.Repo[Posting]{NotFound: ErrJournalNotFound, Constraints: constraints}

// subledgerBalances is the repository of SubledgerBalance rows, for those written
// in bulk.
var subledgerBalances = store.Repo[SubledgerBalance]{NotFound: ErrAccountNotFound, Constraints: constraints}

// pendingJournals is the repository of PendingJournal rows, newest first.
var pendingJournals = store.Repo[PendingJournal]{
	NotFound:    ErrJournalNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(j *PendingJournal) (time.Time, string) { return j.CreatedAt, j.ID.String() }),
}

// pendingPostings is the repository of PendingPosting rows.
var pendingPostings = store.Repo[PendingPosting]{NotFound: ErrJournalNotFound, Constraints: constraints}
