package view

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
)

// Store keeps the documents of views: NewMemory and NewRedis make one. It is a
// cache of the log, never the truth; losing it costs a rebuild.
type Store interface {
	// shelf returns a view's editions; the zero shelf if there are none.
	shelf(ctx context.Context, view string) (shelf, error)
	// swap replaces a view's shelf if it is still old, else errMoved. When it
	// makes old.Next the live edition, it does so only if that one stands no
	// further back than the live one, else errBehind. The checkpoints of the
	// editions that become Old go in the same step: from then on nobody reads
	// or writes them. Both are so that a reader who waited for a position on
	// the one edition finds it in the other.
	swap(ctx context.Context, view string, old, now shelf) error
	// create makes an edition without documents at a checkpoint; nothing if
	// it is there.
	create(ctx context.Context, e Edition, at Checkpoint) error
	// checkpoint tells how far an edition has come; errGone if it is not there.
	checkpoint(ctx context.Context, e Edition) (Checkpoint, error)
	// state returns an edition's documents for queries; errGone, at once or
	// when read, if it is not there. A memory store's state stays as it is, a
	// shared store's moves on.
	state(e Edition) (state, error)
	// writer gives a projector its hold on an edition; errGone if it is not there.
	writer(ctx context.Context, e Edition) (writer, error)
	// drop deletes an edition; nothing if it is not there.
	drop(ctx context.Context, e Edition) error
	// report leaves what a runner knows about its views where other processes
	// find it; reports returns what they left and still stand by.
	report(ctx context.Context, all []Status) error
	reports(ctx context.Context, views []string) (map[string]Status, error)
	// shared tells whether other processes may write to the store.
	shared() bool
}

// writer is a projector's hold on one edition. It is not for concurrent use.
type writer interface {
	// base is the checkpoint on which the next batch is folded.
	base() Checkpoint
	// draft begins a batch.
	draft() *draft
	// commit makes a draft and its checkpoint the edition's state, together,
	// if the edition still stands at base(); else errMoved, and the writer is
	// of no more use.
	commit(ctx context.Context, d *draft, now Checkpoint) error
	// root returns the state as it is in memory, nil where it is not.
	root() *root
}

var (
	errMoved  = errors.New("another runner was first")
	errBehind = errors.New("the new edition stands further back than the live one")
	errGone   = errors.New("the edition is not in the store")
)

// Edition is one filling of a view's keys. A rebuild fills a new generation.
type Edition struct {
	View       string `json:"view"`
	Version    int    `json:"version"`
	Generation int64  `json:"generation"`
}

// shelf says what a view's editions are for.
type shelf struct {
	Live Edition   `json:"live"`          // serves queries; zero: none yet
	Next Edition   `json:"next"`          // is being filled to take over; zero: none
	Old  []Edition `json:"old,omitempty"` // to be dropped
}

func (s shelf) same(o shelf) bool {
	return s.Live == o.Live && s.Next == o.Next && slices.Equal(s.Old, o.Old)
}

// without returns the shelf with an edition marked for dropping.
func (s shelf) without(e Edition) shelf {
	if e == (Edition{}) {
		return s
	}
	s.Old = append(slices.Clone(s.Old), e)
	if s.Live == e {
		s.Live = Edition{}
	}
	if s.Next == e {
		s.Next = Edition{}
	}
	return s
}

// ends returns the editions that are Old in now and not in s.
func (s shelf) ends(now shelf) []Edition {
	var all []Edition
	for _, e := range now.Old {
		if !slices.Contains(s.Old, e) {
			all = append(all, e)
		}
	}
	return all
}

// fresh names a new generation of a view. It is a random number: two runners
// that begin one at the same time must not mean the same, nor may a store that
// was emptied name an edition as it did before.
func fresh(v *View) Edition {
	return Edition{v.Name, v.Version, 1 + rand.Int64N(1<<53)}
}
