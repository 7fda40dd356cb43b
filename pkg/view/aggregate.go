package view

import (
	"reflect"
	"strings"

	"throughline.dev/pkg/es"
)

// OnAny calls apply for every event of one kind of aggregate, those that are
// yet to be invented included: for a document that is the aggregate's state.
func OnAny[S any](schema *es.Schema[S], apply func(tx *Tx, e es.Event[S])) []Handler {
	var all []Handler
	seen := map[reflect.Type]bool{}
	for _, name := range schema.Names() {
		typ := schema.Type(name)
		if seen[typ] {
			continue
		}
		seen[typ] = true
		all = append(all, Handler{typ: typ, apply: func(tx *Tx, e any) { apply(tx, e.(es.Event[S])) }})
	}
	return all
}

// Keys returns the index entries of a document.
func (t *Table[D]) Keys(id string, d D) []Key { return t.keys(id, d) }

// After returns the continuation of a range right after a document that the
// range yielded: for a list that looks through more than it returns.
func (t *Table[D]) After(q Range, id string, d D) string {
	if q.Index == "" {
		return continuation(entry("", "", id))
	}
	for _, k := range t.keys(id, d) {
		if k.Index == q.Index && strings.HasPrefix(k.Sort, q.Prefix) {
			return continuation(entry(k.Index, k.Sort, id))
		}
	}
	return ""
}
