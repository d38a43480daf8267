package outbox

import (
	"encoding/json"
	"time"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of reading an event.
var (
	// ErrType: the event is of another type than the one asked for.
	ErrType = fault.New(fault.Invalid, "event_type_other", "the event is of another type")
	// ErrVersion: the event's fields mean something else than this program
	// knows: it was written by a newer version of the library, or by an older one
	// before its fields changed their meaning.
	ErrVersion = fault.New(fault.Invalid, "event_version_other", "the event is of another version")
	// ErrPayload: the payload cannot be read.
	ErrPayload = fault.New(fault.Invalid, "event_payload_malformed", "the event's payload cannot be read")
)

// Payload is the content of a domain event. Each type of event is a struct of
// the package that writes it, such as investments.OfferingOpened. The fields
// have JSON names; a version may add fields, so that readers ignore what they
// do not know.
type Payload = store.Payload

// Platform is the actor of an event where neither its verb nor the host names one, such as
// a job of the host's that has not called realestate.SetActor.
const Platform = store.Platform

// Aggregate stands for the thing that an event is about, in the type of its id:
// id.Cast makes it the id of an offering or whatever AggregateType says.
type Aggregate struct{}

// Message is something that happened: a state change that one of the library's
// verbs made and committed.
type Message struct {
	// ID names the event. A handler that does something outside of the database
	// gives it along as the idempotency key, since an event may come twice.
	ID id.Of[Message]
	// AggregateType and AggregateID name the thing that it happened to. Events of
	// one aggregate come in the order of their Position, which counts from 1
	// without gaps.
	AggregateType string
	AggregateID   id.Of[Aggregate]
	Position      int64
	// Type says what happened ("investments.offering_opened"), Version how to read
	// the payload; see [Decode].
	Type    string
	Version int
	Payload json.RawMessage
	// Actor is who did it: the id of a verb's actor, whom realestate.SetActor named, or
	// [Platform] where nobody was named.
	Actor      string
	OccurredAt time.Time
	// Attempts is how often it was handed out, this time included.
	Attempts int
}

// Decode reads the payload of an event of type T. It returns [ErrType] when
// the event is of another type, [ErrVersion] when it is of another version
// than T, and [ErrPayload] when it is no JSON of T. T is a payload struct,
// not a pointer to one.
func Decode[T Payload](e Message) (T, error) {
	var p T
	name, version := p.EventType()
	switch {
	case e.Type != name:
		return p, ErrType.With("%s is not %s", e.Type, name)
	case e.Version != version:
		return p, ErrVersion.With("%s has version %d, known is %d", name, e.Version, version)
	}
	if err := json.Unmarshal(e.Payload, &p); err != nil {
		return p, ErrPayload.Because(err)
	}
	return p, nil
}

// Is reports whether an event is of type T, of whatever version.
func Is[T Payload](e Message) bool {
	var p T
	name, _ := p.EventType()
	return e.Type == name
}
