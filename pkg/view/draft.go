package view

import (
	"context"
	"slices"

	"throughline.dev/pkg/es"
)

// base is the state on which a batch is folded. It does not change meanwhile.
type base interface {
	docs(ctx context.Context, t TableDef, tenant es.Tenant, ids []string) ([]any, error)
	// entries returns the entries of a span, in its order.
	entries(ctx context.Context, t TableDef, tenant es.Tenant, s span) ([]string, error)
}

// draft is a base under what a batch has changed so far. A document that a
// batch writes a hundred times, and an entry that comes and goes in it, reach
// the store once or not at all.
type draft struct {
	base   base
	docs   map[docKey]any               // nil: deleted
	index  map[indexKey]map[string]bool // entry: there or not
	tables map[string]TableDef          // that were written to
}

type docKey struct {
	tenant    es.Tenant
	table, id string
}

type indexKey struct {
	tenant       es.Tenant
	table, index string // "": the ids of all documents
}

func newDraft(b base) *draft {
	return &draft{b, map[docKey]any{}, map[indexKey]map[string]bool{}, map[string]TableDef{}}
}

// get returns a document, nil if there is none.
func (d *draft) get(ctx context.Context, t TableDef, tenant es.Tenant, id string) (any, error) {
	if doc, ok := d.docs[docKey{tenant, t.tableName(), id}]; ok {
		return doc, nil
	}
	docs, err := d.base.docs(ctx, t, tenant, []string{id})
	if err != nil {
		return nil, err
	}
	return docs[0], nil
}

// set writes a document, or deletes it when doc is nil, in the place of old.
func (d *draft) set(t TableDef, tenant es.Tenant, id string, old, doc any, had, has []Key) {
	d.tables[t.tableName()] = t
	d.docs[docKey{tenant, t.tableName(), id}] = doc
	for _, k := range had {
		if !slices.Contains(has, k) {
			d.mark(t, tenant, k, id, false)
		}
	}
	for _, k := range has {
		if !slices.Contains(had, k) {
			d.mark(t, tenant, k, id, true)
		}
	}
	if (old == nil) != (doc == nil) {
		d.mark(t, tenant, Key{}, id, doc != nil)
	}
}

func (d *draft) mark(t TableDef, tenant es.Tenant, k Key, id string, there bool) {
	key := indexKey{tenant, t.tableName(), k.Index}
	if d.index[key] == nil {
		d.index[key] = map[string]bool{}
	}
	d.index[key][entry(k.Index, k.Sort, id)] = there
}

// list merges the base's entries with those of the batch.
func (d *draft) list(ctx context.Context, t TableDef, tenant es.Tenant, s span) ([]row, error) {
	touched := d.index[indexKey{tenant, t.tableName(), s.index}]
	ask := s
	if s.limit > 0 {
		ask.limit += len(touched) // as many may have been taken away
	}
	before, err := d.base.entries(ctx, t, tenant, ask)
	if err != nil {
		return nil, err
	}
	merged := make([]string, 0, len(before))
	for _, e := range before {
		if _, ok := touched[e]; !ok {
			merged = append(merged, e)
		}
	}
	unsorted := len(merged)
	for e, there := range touched {
		if there && e >= s.lo && (s.hi == "" || e < s.hi) {
			merged = append(merged, e)
		}
	}
	if len(merged) > unsorted {
		slices.Sort(merged)
		if s.desc {
			slices.Reverse(merged)
		}
	}
	if s.limit > 0 && len(merged) > s.limit {
		merged = merged[:s.limit]
	}
	return d.rows(ctx, t, tenant, s.index, merged)
}

// rows returns entries with their documents.
func (d *draft) rows(ctx context.Context, t TableDef, tenant es.Tenant, index string, entries []string) ([]row, error) {
	found := make([]row, len(entries))
	var ask []string
	for i, e := range entries {
		_, id := split(index, e)
		found[i] = row{entry: e, id: id}
		if doc, ok := d.docs[docKey{tenant, t.tableName(), id}]; ok {
			found[i].doc = doc
		} else {
			ask = append(ask, id)
		}
	}
	if len(ask) == 0 {
		return found, nil
	}
	docs, err := d.base.docs(ctx, t, tenant, ask)
	if err != nil {
		return nil, err
	}
	n := 0
	for i := range found {
		if _, ok := d.docs[docKey{tenant, t.tableName(), found[i].id}]; !ok {
			found[i].doc = docs[n]
			n++
		}
	}
	return found, nil
}
