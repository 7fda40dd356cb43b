package es

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"throughline.dev/pkg/fail"
)

// Meta is what is known about a commit besides its events. It is also where a
// decision gets time and identity from.
type Meta struct {
	Tenant      Tenant
	Actor       PersonID  // who; empty for a policy or the system
	ActingAs    string    // the role in which they acted, or "policy:<name>", "system"
	Command     string    // idempotency key of the command, unique per aggregate
	Fingerprint string    // of the command's name and body, to notice a key used twice
	ID          string    // of the commit
	Correlation string    // the first command of the chain
	Causation   string    // the event or command that led to this
	Proposal    string    // the proposal whose approval this is
	Rights      uint64    // position of the decision-rights policy that allowed it
	Time        time.Time // when it was recorded, by the log's clock
	Occurred    time.Time // when it happened, if that differs (imports)
	Key         string    // the human key set aside for a new aggregate, such as "E-12"; not stored
}

// When returns when it happened: Occurred where known, else Time.
func (m Meta) When() time.Time {
	if !m.Occurred.IsZero() {
		return m.Occurred
	}
	return m.Time
}

// MetaID derives the n-th id of what the command creates inside its aggregate.
func MetaID[S any](m Meta, n int) ID[S] {
	return DeriveID[S](m.Tenant.String(), m.ID, m.Command, fmt.Sprint(n))
}

// Record is one stored event.
type Record struct {
	Name string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

// Commit is what one command did to one aggregate: one message in the log.
type Commit struct {
	Stream   Stream
	Position uint64 // in the log; also the aggregate's version and ETag
	Meta     Meta
	Events   []Record
}

// EventID names the n-th event of the commit.
func (c Commit) EventID(n int) string { return fmt.Sprintf("%s-%d", c.Meta.ID, n) }

// Stream is one aggregate's place in the log. Only NewStream and ParseSubject
// make one.
type Stream struct {
	context, aggregate, id string
	tenant                 Tenant
}

func (s Stream) Context() string   { return s.context }
func (s Stream) Aggregate() string { return s.aggregate }
func (s Stream) ID() string        { return s.id }
func (s Stream) Tenant() Tenant    { return s.tenant }

// Subject is the stream's NATS subject, ev.<context>.<tenant>.<aggregate>.<id>.
func (s Stream) Subject() string {
	return "ev." + s.context + "." + s.tenant.id + "." + s.aggregate + "." + s.id
}

// NewStream is the one place where a subject's parts are put together.
func NewStream(context string, tenant Tenant, aggregate, id string) (Stream, error) {
	if !validID(id) {
		return Stream{}, fail.Invalid("id", "an id is 26 characters of 0-9 and a-z, not %s", quote(id))
	}
	if !validID(tenant.id) {
		return Stream{}, fail.Invalid("tenant", "an organisation's id is 26 characters of 0-9 and a-z, not %s", quote(tenant.id))
	}
	if !validWord(context) || !validWord(aggregate) {
		return Stream{}, fmt.Errorf("stream %q.%q: a context and an aggregate are lower-case words", context, aggregate)
	}
	return Stream{context, aggregate, id, tenant}, nil
}

// ParseSubject is Subject's inverse.
func ParseSubject(subject string) (Stream, error) {
	p := strings.Split(subject, ".")
	if len(p) != 5 || p[0] != "ev" {
		return Stream{}, fmt.Errorf("subject %s is not ev.<context>.<tenant>.<aggregate>.<id>", quote(subject))
	}
	return NewStream(p[1], Tenant{p[2]}, p[3], p[4])
}

func validWord(w string) bool {
	for i := range len(w) {
		if c := w[i]; (c < 'a' || c > 'z') && c != '-' {
			return false
		}
	}
	return w != ""
}

// ErrConflict is what Append returns when another commit took the place.
var ErrConflict = errors.New("another commit was first")

// ErrUnavailable is an outage of the log; what was being appended may be there.
// To send the command again, with its key, is safe.
var ErrUnavailable = errors.New("the log is not available")

// Head is the log's end.
type Head struct {
	Epoch string // changes when the log is another log (restored, re-created)
	Last  uint64 // position of the last commit, 0 when empty
}

// Log is the truth: commits in one total order.
type Log interface {
	// Append writes c if the last commit of its stream is at expected (0: none).
	// It returns c's position once it is on disk, or ErrConflict. Appending a
	// commit whose Meta.ID is already there is a success.
	Append(ctx context.Context, c Commit, expected uint64) (uint64, error)
	// Load returns the commits of one stream that come after a position.
	Load(ctx context.Context, s Stream, after uint64) ([]Commit, error)
	// Follow calls apply with the commits after a position, in order, without
	// a gap, in batches of what is there (at most 1,000), until ctx ends or
	// apply fails; it returns that error.
	Follow(ctx context.Context, after uint64, apply func([]Commit) error) error
	// Head returns the log's end.
	Head(ctx context.Context) (Head, error)
	// At returns the position of the last commit recorded at or before t.
	At(ctx context.Context, t time.Time) (uint64, error)
}
