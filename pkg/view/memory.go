package view

import (
	"context"
	"strings"

	iradix "github.com/hashicorp/go-immutable-radix/v2"

	"throughline.dev/pkg/es"
)

// root is a view's whole state at one position, immutable: documents as Go
// values and index entries, of all organisations, as ordered keys of one tree.
//
//	<tenant>d<table>\0<id>               → document
//	<tenant>x<table>\0<index>\0<entry>   → the id, as a string
//
// Keeping a root keeps that moment; two roots share what they have in common.
type root struct {
	tree *iradix.Tree[any]
	at   Checkpoint
}

func emptyRoot() *root { return &root{tree: iradix.New[any]()} }

func stretch(tenant es.Tenant, t TableDef, index string) string {
	if index == "" {
		return tenant.String() + "d" + t.tableName() + "\x00"
	}
	return tenant.String() + "x" + t.tableName() + "\x00" + index + "\x00"
}

// tree reads one version of a tree; it is the state of queries.
type tree struct{ node func() *iradix.Node[any] }

func (r *root) rows() rows { return tree{r.tree.Root} }

func (s tree) docs(_ context.Context, t TableDef, tenant es.Tenant, ids []string) ([]any, error) {
	docs := make([]any, len(ids))
	prefix, node := stretch(tenant, t, ""), s.node()
	for i, id := range ids {
		docs[i], _ = node.Get([]byte(prefix + id))
	}
	return docs, nil
}

func (s tree) list(_ context.Context, t TableDef, tenant es.Tenant, sp span) ([]row, error) {
	var found []row
	prefix, node := stretch(tenant, t, ""), s.node()
	s.each(t, tenant, sp, func(entry string, v any) {
		if sp.index == "" {
			found = append(found, row{entry, entry, v})
			return
		}
		id := v.(string)
		doc, _ := node.Get([]byte(prefix + id))
		found = append(found, row{entry, id, doc})
	})
	return found, nil
}

func (s tree) count(_ context.Context, t TableDef, tenant es.Tenant, sp span) (int, error) {
	n := 0
	s.each(t, tenant, sp, func(string, any) { n++ })
	return n, nil
}

// each visits the entries of a span in its order, at most its limit.
func (s tree) each(t TableDef, tenant es.Tenant, sp span, visit func(entry string, v any)) {
	prefix := stretch(tenant, t, sp.index)
	lo, hi := prefix+sp.lo, prefix+sp.hi
	if sp.hi == "" {
		hi = successor(prefix)
	}
	n := 0
	if sp.desc {
		it := s.node().ReverseIterator()
		it.SeekReverseLowerBound([]byte(hi))
		for k, v, ok := it.Previous(); ok && string(k) >= lo; k, v, ok = it.Previous() {
			if string(k) == hi {
				continue
			}
			visit(string(k[len(prefix):]), v)
			if n++; n == sp.limit {
				return
			}
		}
		return
	}
	it := s.node().Iterator()
	it.SeekLowerBound([]byte(lo))
	for k, v, ok := it.Next(); ok && string(k) < hi; k, v, ok = it.Next() {
		visit(string(k[len(prefix):]), v)
		if n++; n == sp.limit {
			return
		}
	}
}

// treeDraft is a draft on a root, in memory.
type treeDraft struct {
	tree
	txn *iradix.Txn[any]
}

func (r *root) draft() *treeDraft {
	txn := r.tree.Txn()
	return &treeDraft{tree{txn.Root}, txn}
}

func (d *treeDraft) set(t TableDef, tenant es.Tenant, id string, doc any, less, more []Key) error {
	for _, k := range less {
		d.txn.Delete([]byte(stretch(tenant, t, k.Index) + entry(k.Index, k.Sort, id)))
	}
	for _, k := range more {
		d.txn.Insert([]byte(stretch(tenant, t, k.Index)+entry(k.Index, k.Sort, id)), id)
	}
	key := []byte(stretch(tenant, t, "") + id)
	if doc == nil {
		d.txn.Delete(key)
	} else {
		d.txn.Insert(key, doc)
	}
	return nil
}

// done ends the draft and returns the root that it has become.
func (d *treeDraft) done(at Checkpoint) *root { return &root{d.txn.CommitOnly(), at} }

// tenants returns the organisations that have anything in the root, in order.
func (r *root) tenants() []es.Tenant {
	var all []es.Tenant
	it := r.tree.Root().Iterator()
	for k, _, ok := it.Next(); ok; k, _, ok = it.Next() {
		tenant, err := es.ParseTenant(strings.Clone(string(k[:26])))
		if err != nil {
			continue // a key of this tree begins with a tenant
		}
		all = append(all, tenant)
		it = r.tree.Root().Iterator()
		it.SeekLowerBound([]byte(successor(tenant.String())))
	}
	return all
}
