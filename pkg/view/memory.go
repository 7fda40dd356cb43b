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
	return entries(tenant, t.tableName(), index)
}

func entries(tenant es.Tenant, table, index string) string {
	return tenant.String() + "x" + table + "\x00" + index + "\x00"
}

// tree reads one version of a tree; it is the state of queries.
type tree struct{ node func() *iradix.Node[any] }

func (r *root) state() state { return rootState{tree{r.tree.Root}, r.at} }

type rootState struct {
	tree
	checkpoint Checkpoint
}

func (s rootState) at(context.Context) (Checkpoint, error) { return s.checkpoint, nil }

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
	s.each(stretch(tenant, t, sp.index), sp, func(entry string, v any) {
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
	s.each(stretch(tenant, t, sp.index), sp, func(string, any) { n++ })
	return n, nil
}

func (s tree) indexes(_ context.Context, t TableDef, tenant es.Tenant) ([]string, error) {
	var all []string
	prefix := tenant.String() + "x" + t.tableName() + "\x00"
	for from := prefix; ; {
		it := s.node().Iterator()
		it.SeekLowerBound([]byte(from))
		k, _, ok := it.Next()
		if !ok || !strings.HasPrefix(string(k), prefix) {
			return all, nil
		}
		index, _, _ := strings.Cut(string(k[len(prefix):]), "\x00")
		all = append(all, index)
		from = prefix + index + "\x01"
	}
}

// each visits the entries of a span below prefix in its order, at most its
// limit.
func (s tree) each(prefix string, sp span, visit func(entry string, v any)) {
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
		if k.Index == "" {
			continue // here the documents themselves stand by id
		}
		d.txn.Delete([]byte(stretch(tenant, t, k.Index) + entry(k.Index, k.Sort, id)))
	}
	for _, k := range more {
		if k.Index == "" {
			continue
		}
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

func (s tree) tenants(context.Context) ([]es.Tenant, error) {
	var all []es.Tenant
	for from := ""; ; {
		it := s.node().Iterator()
		it.SeekLowerBound([]byte(from))
		k, _, ok := it.Next()
		if !ok {
			return all, nil
		}
		tenant, err := es.ParseTenant(string(k[:26]))
		if err != nil {
			return nil, err
		}
		all = append(all, tenant)
		from = successor(tenant.String())
	}
}
