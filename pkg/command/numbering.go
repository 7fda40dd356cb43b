package command

import (
	"context"
	"fmt"
	"sync"
	"time"

	"throughline.dev/pkg/es"
)

// Numbering hands out the numbers of one human-key prefix in one context, so
// that no two aggregates ever get the same key. Numbers are set aside in
// blocks: one by one for people, more at a time under load. Those of a block
// that a crash cut off are never used.
type Numbering struct {
	Next  int `json:"next"`            // the first number that nobody has
	Floor int `json:"floor,omitempty"` // up to here an import brings its own
}

// NumbersReserved says that the numbers From to To of a prefix are spoken for;
// From 0, that all up to To are, those too that a process had set aside and
// not yet used.
type NumbersReserved struct {
	Prefix string `json:"prefix"`
	From   int    `json:"from"`
	To     int    `json:"to"`
}

// Evolve moves the next free number behind the reserved ones.
func (e NumbersReserved) Evolve(s Numbering) Numbering {
	s.Next = max(s.Next, e.To+1)
	if e.From == 0 {
		s.Floor = max(s.Floor, e.To)
	}
	return s
}

func numberings(context string) *es.Aggregate[Numbering] {
	return &es.Aggregate[Numbering]{Context: context, Name: "numbering", Plural: "numberings",
		Schema: es.NewSchema(es.On[NumbersReserved](context + ".numbering.reserved.v1"))}
}

var numberingOf = map[string]*es.Aggregate[Numbering]{
	"strategy": numberings("strategy"), "backlog": numberings("backlog"), "feedback": numberings("feedback"),
}

// NumberingSchemas are the stored names of the numbering aggregates.
var NumberingSchemas = []es.Decoder{
	numberingOf["strategy"].Schema, numberingOf["backlog"].Schema, numberingOf["feedback"].Schema,
}

// reserve takes the next Count numbers, or, with UpTo, everything up to that
// number (an import brings its own).
type reserve struct {
	Prefix      string
	Count, UpTo int
}

func (c reserve) Decide(s Numbering, _ es.Meta) ([]es.Event[Numbering], error) {
	if c.UpTo > 0 {
		if c.UpTo <= s.Floor {
			return nil, nil
		}
		return es.Happened(NumbersReserved{c.Prefix, 0, c.UpTo})
	}
	from := max(s.Next, 1)
	return es.Happened(NumbersReserved{c.Prefix, from, from + c.Count - 1})
}

// block is the numbers that this process still holds.
type block struct {
	mu       sync.Mutex
	next     int
	last     int
	size     int
	reserved time.Time
}

// Blocks grow while they are used up faster than this, and stay below maxBlock.
const (
	blockPace = 100 * time.Millisecond
	maxBlock  = 256
)

// nextKey returns the next human key of a prefix.
func (w *World) nextKey(ctx context.Context, context string, t es.Tenant, prefix string) (string, error) {
	b := w.block(t, prefix)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next > 0 && b.next <= b.last { // left over: an import may have claimed it since
		s, _, err := State(ctx, w, numberingOf[context], t, numberingID(context, t, prefix))
		if err != nil {
			return "", fmt.Errorf("number for %s: %w", prefix, err)
		}
		b.next = max(b.next, s.Floor+1)
	}
	if b.next == 0 || b.next > b.last {
		if time.Since(b.reserved) < blockPace {
			b.size = min(2*b.size, maxBlock)
		} else {
			b.size = 1
		}
		from, err := w.reserve(ctx, context, t, reserve{Prefix: prefix, Count: b.size})
		if err != nil {
			return "", fmt.Errorf("number for %s: %w", prefix, err)
		}
		b.next, b.last, b.reserved = from, from+b.size-1, time.Now()
	}
	n := b.next
	b.next++
	return fmt.Sprintf("%s-%d", prefix, n), nil
}

func (w *World) block(t es.Tenant, prefix string) *block {
	w.mu.Lock()
	defer w.mu.Unlock()
	k := t.String() + "/" + prefix
	if b, ok := w.blocks[k]; ok {
		return b
	}
	b := &block{}
	w.blocks[k] = b
	return b
}

func numberingID(context string, t es.Tenant, prefix string) es.ID[Numbering] {
	return es.DeriveID[Numbering](t.String(), context, "numbering", prefix)
}

// reserve appends the reservation and returns its first number.
func (w *World) reserve(ctx context.Context, context string, t es.Tenant, c reserve) (int, error) {
	a := numberingOf[context]
	var got NumbersReserved
	done, err := repository(w, a).Do(ctx, es.Try[Numbering]{
		ID:   numberingID(context, t, c.Prefix),
		Meta: es.Meta{Tenant: t, ActingAs: "system", ID: es.NewID[Request]().String()},
		Command: decideFunc[Numbering](func(s Numbering, m es.Meta) ([]es.Event[Numbering], error) {
			events, err := c.Decide(s, m)
			if len(events) > 0 {
				got = events[0].(NumbersReserved)
			}
			return events, err
		}),
	})
	if err == nil {
		w.wrote(done.Position)
	}
	return got.From, err
}

// ReserveUpTo makes sure that no key of a prefix that is given out from now on,
// by any process, is numbered n or less; an import calls it for the keys that
// it brings. Keys given out before stay what they are.
func (w *World) ReserveUpTo(ctx context.Context, context string, t es.Tenant, prefix string, n int) error {
	_, err := w.reserve(ctx, context, t, reserve{Prefix: prefix, UpTo: n})
	return err
}
