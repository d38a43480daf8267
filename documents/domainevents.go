package documents

import (
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// aggregateDocument is what this package's events are about: a document with all
// of its versions, named by the id of the first.
const aggregateDocument = "document"

// DocumentAdded says that the first version of a document is there.
type DocumentAdded struct {
	OwnerID           id.Of[auth.User] `json:"owner_id"`
	Visibility        Visibility       `json:"visibility"`
	RequiresSignature bool             `json:"requires_signature"`
}

// EventType names the event.
func (DocumentAdded) EventType() (string, int) { return "documents.document_added", 1 }

// DocumentVersionAdded says that a document has another version.
type DocumentVersionAdded struct {
	DocumentID id.Of[Document] `json:"document_id"` // of the version
	Version    int             `json:"version"`
}

// EventType names the event.
func (DocumentVersionAdded) EventType() (string, int) { return "documents.document_version_added", 1 }
