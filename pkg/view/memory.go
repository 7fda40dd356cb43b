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
//	<tenant>x<table>\0<index>\0<entry>   → nothing
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

// tree reads a root.
type tree struct {
	node       *iradix.Node[any]
	checkpoint Checkpoint
}

func (r *root) state() state { return tree{r.tree.Root(), r.at} }

func (s tree) at(context.Context) (Checkpoint, error) { return s.checkpoint, nil }

func (s tree) docs(_ context.Context, t TableDef, tenant es.Tenant, ids []string) ([]any, error) {
	docs := make([]any, len(ids))
	prefix, node := stretch(tenant, t, ""), s.node
	for i, id := range ids {
		docs[i], _ = node.Get([]byte(prefix + id))
	}
	return docs, nil
}

func (s tree) list(_ context.Context, t TableDef, tenant es.Tenant, sp span) ([]row, error) {
	var found []row
	prefix, node := stretch(tenant, t, ""), s.node
	s.each(stretch(tenant, t, sp.index), sp, func(entry string, v any) {
		if sp.index == "" {
			found = append(found, row{entry, entry, v})
			return
		}
		_, id := split(sp.index, entry)
		doc, _ := node.Get([]byte(prefix + id))
		found = append(found, row{entry, id, doc})
	})
	return found, nil
}

func (s tree) entries(_ context.Context, t TableDef, tenant es.Tenant, sp span) ([]string, error) {
	var found []string
	s.each(stretch(tenant, t, sp.index), sp, func(entry string, _ any) { found = append(found, entry) })
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
		it := s.node.Iterator()
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
		it := s.node.ReverseIterator()
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
	it := s.node.Iterator()
	it.SeekLowerBound([]byte(lo))
	for k, v, ok := it.Next(); ok && string(k) < hi; k, v, ok = it.Next() {
		visit(string(k[len(prefix):]), v)
		if n++; n == sp.limit {
			return
		}
	}
}

// draft begins a batch on the root.
func (r *root) draft() *draft { return newDraft(tree{r.tree.Root(), r.at}) }

// with returns the root that a draft on it makes of it.
func (r *root) with(d *draft, at Checkpoint) *root {
	txn := r.tree.Txn()
	for k, doc := range d.docs {
		key := []byte(stretch(k.tenant, d.tables[k.table], "") + k.id)
		if doc == nil {
			txn.Delete(key)
		} else {
			txn.Insert(key, doc)
		}
	}
	for k, touched := range d.index {
		if k.index == "" {
			continue // here the documents themselves stand by id
		}
		prefix := stretch(k.tenant, d.tables[k.table], k.index)
		for entry, there := range touched {
			if there {
				txn.Insert([]byte(prefix+entry), nil)
			} else {
				txn.Delete([]byte(prefix + entry))
			}
		}
	}
	return &root{txn.CommitOnly(), at}
}

func (s tree) tenants(context.Context) ([]es.Tenant, error) {
	var all []es.Tenant
	for from := ""; ; {
		it := s.node.Iterator()
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
