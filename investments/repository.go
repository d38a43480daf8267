package investments

import (
	"time"

	"github.com/freehold-go/freehold/internal/store"
)

// offerings is the repository of Offering rows, newest first.
var offerings = store.Repo[Offering]{
	NotFound:    ErrOfferingNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *Offering) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// shareClasses is the repository of ShareClass rows, newest first.
var shareClasses = store.Repo[ShareClass]{
	NotFound:    ErrShareClassNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *ShareClass) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// termsVersions is the repository of TermsVersion rows, newest first.
var termsVersions = store.Repo[TermsVersion]{
	NotFound:    ErrTermsNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *TermsVersion) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// accounts is the repository of Account rows, newest first.
var accounts = store.Repo[Account]{
	NotFound:    ErrAccountNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *Account) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// paymentInstructions is the repository of PaymentInstruction rows, newest first.
var paymentInstructions = store.Repo[PaymentInstruction]{
	NotFound:    ErrInstructionNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *PaymentInstruction) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// positions is the repository of Position rows, newest first.
var positions = store.Repo[Position]{
	NotFound:    ErrPositionNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *Position) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// subscriptions is the repository of Subscription rows, newest first.
var subscriptions = store.Repo[Subscription]{
	NotFound:    ErrSubscriptionNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *Subscription) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// capitalCalls is the repository of CapitalCall rows, newest first.
var capitalCalls = store.Repo[CapitalCall]{
	NotFound:    ErrCapitalCallNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *CapitalCall) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// capitalCallLines is the repository of CapitalCallLine rows, by subscription,
// which is the order in which people committed.
var capitalCallLines = store.Repo[CapitalCallLine]{
	NotFound:    ErrCapitalCallNotFound,
	Constraints: constraints,
	Sort: store.Sort[CapitalCallLine]{
		Columns: []store.Column{{Name: "subscription_id", Type: "uuid"}, {Name: "id", Type: "uuid"}},
		Key:     func(l *CapitalCallLine) []string { return []string{l.SubscriptionID.String(), l.ID.String()} },
	},
}

// transfers is the repository of Transfer rows, newest first.
var transfers = store.Repo[Transfer]{
	NotFound:    ErrTransferNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *Transfer) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// distributions is the repository of Distribution rows, newest first.
var distributions = store.Repo[Distribution]{
	NotFound:    ErrDistributionNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *Distribution) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// calculations is the repository of Calculation rows; they are found by their distribution.
var calculations = store.Repo[Calculation]{
	NotFound:    ErrDistributionNotFound,
	Constraints: constraints,
}

// distributionLines is the repository of DistributionLine rows, by id, which is
// the order in which they were written.
var distributionLines = store.Repo[DistributionLine]{
	NotFound:    ErrLineNotFound,
	Constraints: constraints,
	Sort: store.Sort[DistributionLine]{
		Columns: []store.Column{{Name: "id", Type: "uuid"}},
		Key:     func(l *DistributionLine) []string { return []string{l.ID.String()} },
	},
}

// lineTiers is the repository of LineTier rows; they are found by their line.
var lineTiers = store.Repo[LineTier]{
	NotFound:    ErrLineNotFound,
	Constraints: constraints,
}

// transactions is the repository of Transaction rows, by the day they count from.
var transactions = store.Repo[Transaction]{
	NotFound:    ErrTransactionNotFound,
	Constraints: constraints,
	Sort: store.Sort[Transaction]{
		Columns: []store.Column{{Name: "effective_date", Type: "date"}, {Name: "id", Type: "uuid"}},
		Key:     func(t *Transaction) []string { return []string{t.EffectiveDate.String(), t.ID.String()} },
	},
}

// writeOffs is the repository of WriteOff rows, newest first.
var writeOffs = store.Repo[WriteOff]{
	NotFound:    ErrWriteOffNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *WriteOff) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// movements is the repository of Movement rows.
var movements = store.Repo[Movement]{Constraints: constraints}

// portfolios is the repository of Portfolio rows, newest first.
var portfolios = store.Repo[Portfolio]{
	NotFound:    ErrPortfolioNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *Portfolio) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// statements is the repository of Statement rows, newest first.
var statements = store.Repo[Statement]{
	NotFound:    ErrStatementNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *Statement) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}
