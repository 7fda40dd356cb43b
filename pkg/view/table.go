package view

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"reflect"
)

// Key is one entry of an ordered index: entries stand bytewise by Sort, then
// by id. A document may have any number of entries, in any number of indexes.
type Key struct{ Index, Sort string }

// Range selects a stretch of an index.
type Range struct {
	Index  string // "": by id
	Prefix string // of Sort (of the id when Index is "")
	After  string // continuation from an earlier List; "" starts at the beginning
	Limit  int    // 0: all
	Desc   bool   // from the end
}

// Row is one document of a list.
type Row[D any] struct {
	ID  string
	Doc D
}

// TableDef is a Table without its document's type.
type TableDef interface {
	tableName() string
	keys(id string, doc any) []Key
	encode(doc any) ([]byte, error)
	decode(b []byte) (any, error)
}

// Table is one kind of document inside a view. D is a plain value that
// round-trips JSON. A fold never mutates the maps and slices of a D that it
// got: it puts a new D made with es.Plus, es.Minus and es.Added.
type Table[D any] struct {
	name  string
	index func(id string, d D) []Key
}

// NewTable returns a table; index may be nil. It panics on a name that is not
// a lower-case word and on a D that does not round-trip JSON.
func NewTable[D any](name string, index func(id string, d D) []Key) *Table[D] {
	if !validName(name) {
		panic(fmt.Sprintf("table %q: a name is lower-case letters, digits and dashes", name))
	}
	plain(name, reflect.TypeFor[D](), map[reflect.Type]bool{})
	return &Table[D]{name: name, index: index}
}

func (t *Table[D]) tableName() string { return t.name }

func (t *Table[D]) keys(id string, doc any) []Key {
	if t.index == nil {
		return nil
	}
	return t.index(id, doc.(D))
}

func (t *Table[D]) encode(doc any) ([]byte, error) {
	b, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("encode a document of %s: %w", t.name, err)
	}
	return b, nil
}

func (t *Table[D]) decode(b []byte) (any, error) {
	var d D
	if err := json.Unmarshal(b, &d); err != nil {
		return nil, fmt.Errorf("decode a document of %s: %w", t.name, err)
	}
	return d, nil
}

// Get returns a document as the fold has left it so far.
func (t *Table[D]) Get(tx *Tx, id string) (d D, ok bool) {
	doc := tx.batch.get(t, tx.Commit.Stream.Tenant(), id)
	if doc == nil {
		return d, false
	}
	return doc.(D), true
}

// Put writes a document and its index entries.
func (t *Table[D]) Put(tx *Tx, id string, d D) { tx.batch.put(t, tx.Commit.Stream.Tenant(), id, d) }

// Update puts what change makes of a document, or of a zero D if it is not
// there.
func (t *Table[D]) Update(tx *Tx, id string, change func(D) D) {
	d, _ := t.Get(tx, id)
	t.Put(tx, id, change(d))
}

// Change is Update of a document that must be there: it does nothing else.
func (t *Table[D]) Change(tx *Tx, id string, change func(D) D) {
	if d, ok := t.Get(tx, id); ok {
		t.Put(tx, id, change(d))
	}
}

// Delete removes a document and its index entries, if it is there.
func (t *Table[D]) Delete(tx *Tx, id string) {
	tx.batch.put(t, tx.Commit.Stream.Tenant(), id, nil)
}

// Scan yields the documents of a range as they were when the scan began, so
// the loop may Put and Delete. Set Limit when only the first few are wanted.
func (t *Table[D]) Scan(tx *Tx, q Range) iter.Seq2[string, D] {
	return func(yield func(string, D) bool) {
		for _, row := range tx.batch.scan(t, tx.Commit.Stream.Tenant(), q) {
			if !yield(row.id, row.doc.(D)) {
				return
			}
		}
	}
}

// Find returns one document.
func (t *Table[D]) Find(ctx context.Context, r Reader, id string) (d D, ok bool, err error) {
	rows, err := t.Many(ctx, r, []string{id})
	if err != nil || len(rows) == 0 {
		return d, false, err
	}
	return rows[0].Doc, true, nil
}

// Many returns the documents with these ids in this order, without those that
// are not there.
func (t *Table[D]) Many(ctx context.Context, r Reader, ids []string) ([]Row[D], error) {
	if err := r.owns(t); err != nil || len(ids) == 0 {
		return nil, err
	}
	docs, err := r.rows.docs(ctx, t, r.tenant, ids)
	if err != nil {
		return nil, fmt.Errorf("read %s of %s: %w", t.name, r.view.Name, err)
	}
	rows := make([]Row[D], 0, len(ids))
	for i, doc := range docs {
		if doc != nil {
			rows = append(rows, Row[D]{ids[i], doc.(D)})
		}
	}
	return rows, nil
}

// List returns the documents of a range and, when there are more, the
// continuation for q.After. A continuation that is none is fail.Invalid
// "after".
func (t *Table[D]) List(ctx context.Context, r Reader, q Range) (rows []Row[D], next string, err error) {
	if err := r.owns(t); err != nil {
		return nil, "", err
	}
	s, err := q.span()
	if err != nil {
		return nil, "", err
	}
	if q.Limit > 0 {
		s.limit = q.Limit + 1 // one more tells whether there is a next page
	}
	found, err := r.rows.list(ctx, t, r.tenant, s)
	if err != nil {
		return nil, "", fmt.Errorf("list %s of %s by %q: %w", t.name, r.view.Name, q.Index, err)
	}
	if q.Limit > 0 && len(found) > q.Limit {
		found = found[:q.Limit]
		next = continuation(found[q.Limit-1].entry)
	}
	rows = make([]Row[D], 0, len(found))
	for _, f := range found {
		if f.doc != nil {
			rows = append(rows, Row[D]{f.id, f.doc.(D)})
		}
	}
	return rows, next, nil
}

// Count returns how many entries of an index begin with prefix.
func (t *Table[D]) Count(ctx context.Context, r Reader, index, prefix string) (int, error) {
	if err := r.owns(t); err != nil {
		return 0, err
	}
	s, err := Range{Index: index, Prefix: prefix}.span()
	if err != nil {
		return 0, err
	}
	n, err := r.rows.count(ctx, t, r.tenant, s)
	if err != nil {
		return 0, fmt.Errorf("count %s of %s by %q: %w", t.name, r.view.Name, index, err)
	}
	return n, nil
}
