// Package view is the read side: pure folds of the log into documents with
// ordered indexes, kept in memory or in Redis, rebuilt beside themselves, and
// readable as of any position.
//
// A fold is written once, against Tx and Table, and runs everywhere: live into
// a Store (Models), for a past position (Models.At), in a test (viewtest.Fold)
// and on top of a Snapshot with commits of its own. It must be deterministic:
// all it may look at is the event, Tx and the documents of its own view.
package view

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"throughline.dev/pkg/es"
)

// A View is a pure fold of the log into documents. Name and Version name its
// keys: raise Version whenever a document, an index or an Apply changes, and
// it is rebuilt beside the old one.
type View struct {
	Name    string
	Version int

	tables map[string]TableDef
	on     map[reflect.Type][]func(*Tx, any)
	each   []func(*Tx, es.Record)
}

// New returns a view. It panics on a name that is not a lower-case word with
// dashes or is there twice: such a mistake shows when the program starts.
func New(name string, version int, tables []TableDef, ons ...Handler) *View {
	if !validName(name) || version < 1 {
		panic(fmt.Sprintf("view %q version %d: a name is lower-case letters, digits and dashes, versions start at 1", name, version))
	}
	v := &View{Name: name, Version: version, tables: map[string]TableDef{}, on: map[reflect.Type][]func(*Tx, any){}}
	for _, t := range tables {
		if _, twice := v.tables[t.tableName()]; twice {
			panic(fmt.Sprintf("view %s: table %s is there twice", name, t.tableName()))
		}
		v.tables[t.tableName()] = t
	}
	for _, h := range ons {
		if h.each != nil {
			v.each = append(v.each, h.each)
			continue
		}
		v.on[h.typ] = append(v.on[h.typ], h.apply)
	}
	return v
}

// tableNames returns the names of the view's tables in order.
func (v *View) tableNames() []string {
	names := make([]string, 0, len(v.tables))
	for n := range v.tables {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// wants tells whether the view looks at events of a type.
func (v *View) wants(t reflect.Type) bool { return t != nil && len(v.on[t]) > 0 }

// Handler is one event that a view looks at.
type Handler struct {
	typ   reflect.Type
	apply func(*Tx, any)
	each  func(*Tx, es.Record)
}

// On calls apply for each event that is read as an E, whatever name it was
// stored under. E must be known to the catalog. Several On of one E run in
// their order.
func On[E any](apply func(tx *Tx, e E)) Handler {
	return Handler{typ: reflect.TypeFor[E](), apply: func(tx *Tx, e any) { apply(tx, e.(E)) }}
}

// Each calls apply for every event as it is stored, known to the catalog or
// not, after the handlers of its type: for views of the log itself.
func Each(apply func(tx *Tx, r es.Record)) Handler { return Handler{each: apply} }

// Tx is one commit being applied. It reaches only the documents of the
// commit's organisation. Its errors (I/O, an index without a name) stick: they
// abort the batch and are not seen by the fold.
type Tx struct {
	Commit  es.Commit // the one being applied
	EventID string    // of the event being applied

	batch *batch
}

// ID returns the id of the aggregate to which it happened.
func (tx *Tx) ID() string { return tx.Commit.Stream.ID() }

// When returns when it happened: the time of occurrence where known, else of
// recording.
func (tx *Tx) When() time.Time { return tx.Commit.Meta.When() }

// Position returns the commit's place in the log.
func (tx *Tx) Position() uint64 { return tx.Commit.Position }

func validName(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return s != ""
}

// plain panics unless a document's type survives JSON: an unexported or
// unwritten field would be there live and gone after a restart.
func plain(table string, t reflect.Type, seen map[reflect.Type]bool) {
	if seen[t] || t.Implements(jsonMarshaler) || reflect.PointerTo(t).Implements(jsonMarshaler) ||
		t.Implements(textMarshaler) || reflect.PointerTo(t).Implements(textMarshaler) {
		return
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if (!f.IsExported() && !f.Anonymous) || f.Tag.Get("json") == "-" {
				panic(fmt.Sprintf("table %s: field %s of %v is not in its JSON; a document is a plain value", table, f.Name, t))
			}
			plain(table, f.Type, seen)
		}
	case reflect.Pointer, reflect.Slice, reflect.Array:
		plain(table, t.Elem(), seen)
	case reflect.Map:
		plain(table, t.Elem(), seen)
	case reflect.Func, reflect.Chan, reflect.Interface, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		panic(fmt.Sprintf("table %s: %v does not come back from JSON as it was; a document is a plain value", table, t))
	}
}

var (
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[interface{ MarshalText() ([]byte, error) }]()
)
