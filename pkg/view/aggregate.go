package view

import (
	"reflect"

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
