// Package es is the event-sourcing kernel: events that evolve a state,
// commands that decide on one, the schema of stored names, the log's contract
// and the optimistic loop that runs a command. It does no I/O of its own.
package es

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Event is something that happened to an aggregate of state S. Evolve is
// total and pure: no error, no clock, no I/O; it returns a new state and
// leaves the old one alone, maps and slices included (see Added and Plus).
type Event[S any] interface{ Evolve(S) S }

// Command is a wish. Decide is pure; nil, nil means that it already holds.
type Command[S any] interface {
	Decide(S, Meta) ([]Event[S], error)
}

// Happened is what a decision returns.
func Happened[S any](events ...Event[S]) ([]Event[S], error) { return events, nil }

// Added returns s with more at its end, never sharing memory with s.
func Added[T any](s []T, more ...T) []T { return append(slices.Clip(s), more...) }

// Plus returns m with k set to v, leaving m alone.
func Plus[K comparable, V any](m map[K]V, k K, v V) map[K]V {
	c := make(map[K]V, len(m)+1)
	for mk, mv := range m {
		c[mk] = mv
	}
	c[k] = v
	return c
}

// Minus returns m without k, leaving m alone.
func Minus[K comparable, V any](m map[K]V, k K) map[K]V {
	c := make(map[K]V, len(m))
	for mk, mv := range m {
		if mk != k {
			c[mk] = mv
		}
	}
	return c
}

// Schema ties the stored names of one aggregate's events to their types.
type Schema[S any] struct {
	read  map[string]Case[S]
	write map[reflect.Type]string
	names []string
}

// Case is one line of a schema.
type Case[S any] struct {
	name   string
	typ    reflect.Type // of the event that a reader gets
	old    bool
	decode func([]byte) (Event[S], error)
}

// On ties an event to the name it is stored under.
func On[E Event[S], S any](name string) Case[S] {
	return Case[S]{name: name, typ: reflect.TypeFor[E](), decode: func(b []byte) (Event[S], error) {
		var e E
		if err := json.Unmarshal(b, &e); err != nil {
			return nil, fmt.Errorf("decode %s: %w", name, err)
		}
		return e, nil
	}}
}

// Was reads a name that is no longer written, as the event it means today.
func Was[Old any, E Event[S], S any](name string, up func(Old) E) Case[S] {
	return Case[S]{name: name, typ: reflect.TypeFor[E](), old: true, decode: func(b []byte) (Event[S], error) {
		var o Old
		if err := json.Unmarshal(b, &o); err != nil {
			return nil, fmt.Errorf("decode %s: %w", name, err)
		}
		return up(o), nil
	}}
}

// NewSchema panics on a name or a type that is there twice: a mistake in it
// shows when the program starts, not in production.
func NewSchema[S any](cases ...Case[S]) *Schema[S] {
	s := &Schema[S]{read: map[string]Case[S]{}, write: map[reflect.Type]string{}}
	for _, c := range cases {
		if _, twice := s.read[c.name]; twice {
			panic("schema: stored name twice: " + c.name)
		}
		s.read[c.name] = c
		s.names = append(s.names, c.name)
		if c.old {
			continue
		}
		if other, twice := s.write[c.typ]; twice {
			panic(fmt.Sprintf("schema: %v is written as %s and as %s", c.typ, other, c.name))
		}
		s.write[c.typ] = c.name
	}
	return s
}

// Names returns every stored name, current and old, in the schema's order.
func (s *Schema[S]) Names() []string { return slices.Clone(s.names) }

// Type returns the Go type that a stored name is read as, or nil.
func (s *Schema[S]) Type(name string) reflect.Type { return s.read[name].typ }

// Encode returns an event as it is stored.
func (s *Schema[S]) Encode(e Event[S]) (Record, error) {
	name, ok := s.write[reflect.TypeOf(e)]
	if !ok {
		return Record{}, fmt.Errorf("encode %T: it has no line in the schema", e)
	}
	data, err := json.Marshal(e)
	if err != nil {
		return Record{}, fmt.Errorf("encode %s: %w", name, err)
	}
	return Record{Name: name, Data: data}, nil
}

// Decode reads a stored event; a name that the schema lacks is an error.
func (s *Schema[S]) Decode(r Record) (Event[S], error) {
	c, ok := s.read[r.Name]
	if !ok {
		return nil, fmt.Errorf("decode %s: unknown event; this program is older than the log", r.Name)
	}
	return c.decode(r.Data)
}

// Writes encodes an event of this schema; false for any other value.
func (s *Schema[S]) Writes(v any) (Record, bool) {
	e, ok := v.(Event[S])
	if !ok {
		return Record{}, false
	}
	r, err := s.Encode(e)
	return r, err == nil
}

// DecodeAny is Decode for readers of many aggregates.
func (s *Schema[S]) DecodeAny(r Record) (any, error) { return s.Decode(r) }

// Decoder is a schema without its state's type.
type Decoder interface {
	Names() []string
	Type(name string) reflect.Type
	DecodeAny(Record) (any, error)
}

// Catalog reads the events of many aggregates by their stored names.
type Catalog struct{ byName map[string]Decoder }

// NewCatalog joins schemas; it panics when two claim one name.
func NewCatalog(schemas ...Decoder) *Catalog {
	c := &Catalog{byName: map[string]Decoder{}}
	for _, s := range schemas {
		for _, n := range s.Names() {
			if _, twice := c.byName[n]; twice {
				panic("catalog: stored name twice: " + n)
			}
			c.byName[n] = s
		}
	}
	return c
}

// Names returns every stored name, sorted.
func (c *Catalog) Names() []string { return slices.Sorted(maps.Keys(c.byName)) }

// Type returns the Go type that a stored name is read as, or nil if unknown.
func (c *Catalog) Type(name string) reflect.Type {
	if s, ok := c.byName[name]; ok {
		return s.Type(name)
	}
	return nil
}

// Decode reads a stored event as its Go type.
func (c *Catalog) Decode(r Record) (any, error) {
	s, ok := c.byName[r.Name]
	if !ok {
		return nil, fmt.Errorf("decode %s: unknown event; this program is older than the log", r.Name)
	}
	return s.DecodeAny(r)
}
