package view

import (
	"bytes"
	"context"
	"fmt"
	"runtime/debug"

	"throughline.dev/pkg/es"
)

// rows is what queries read.
type rows interface {
	// docs returns the documents with these ids, nil where there is none.
	docs(ctx context.Context, t TableDef, tenant es.Tenant, ids []string) ([]any, error)
	// list returns the entries of a span with their documents.
	list(ctx context.Context, t TableDef, tenant es.Tenant, s span) ([]row, error)
	// count returns the number of entries of a span.
	count(ctx context.Context, t TableDef, tenant es.Tenant, s span) (int, error)
}

// state is all of a view that a store holds.
type state interface {
	rows
	// indexes returns the names of a table's indexes, in order.
	indexes(ctx context.Context, t TableDef, tenant es.Tenant) ([]string, error)
	// tenants returns the organisations that have documents, in order.
	tenants(ctx context.Context) ([]es.Tenant, error)
	// at returns the checkpoint at which it stands.
	at(ctx context.Context) (Checkpoint, error)
}

type row struct {
	entry, id string
	doc       any
}

// batch folds commits into a draft and remembers what they touched.
type batch struct {
	ctx     context.Context // of the one call that folds the batch
	draft   *draft
	err     error // the first that a Tx ran into
	changed touched
	strict  bool
	got     []gotten // strict: what the fold was given, to see that it leaves it alone
}

// touched is the documents that a batch wrote or deleted, as "table/id".
type touched map[es.Tenant]map[string]struct{}

type gotten struct {
	table TableDef
	id    string
	doc   any
	was   []byte
}

func newBatch(ctx context.Context, d *draft) *batch {
	return &batch{ctx: ctx, draft: d, changed: touched{}}
}

func (b *batch) get(t TableDef, tenant es.Tenant, id string) any {
	if b.err != nil {
		return nil
	}
	doc, err := b.draft.get(b.ctx, t, tenant, id)
	if err != nil {
		b.err = err
		return nil
	}
	b.remember(t, id, doc)
	return doc
}

func (b *batch) scan(t TableDef, tenant es.Tenant, q Range) []row {
	if b.err != nil {
		return nil
	}
	s, err := q.span()
	if err != nil {
		b.err = poison{err}
		return nil
	}
	found, err := b.draft.list(b.ctx, t, tenant, s)
	if err != nil {
		b.err = err
		return nil
	}
	for _, r := range found {
		b.remember(t, r.id, r.doc)
	}
	return found
}

func (b *batch) put(t TableDef, tenant es.Tenant, id string, doc any) {
	if b.err != nil {
		return
	}
	if id == "" {
		b.err = poison{fmt.Errorf("put into %s: a document needs an id", t.tableName())}
		return
	}
	if b.strict && doc != nil {
		if b.err = roundTrips(t, id, doc); b.err != nil {
			return
		}
	}
	old, err := b.draft.get(b.ctx, t, tenant, id)
	if err != nil {
		b.err = err
		return
	}
	var had, has []Key
	if old != nil {
		had = t.keys(id, old)
	} else if doc == nil {
		return
	}
	if doc != nil {
		has = t.keys(id, doc)
		for _, k := range has {
			if !validName(k.Index) {
				b.err = poison{fmt.Errorf("put %s %s: an index is named by lower-case letters, digits and dashes, not %q", t.tableName(), id, k.Index)}
				return
			}
		}
	}
	b.draft.set(t, tenant, id, old, doc, had, has)
	docs := b.changed[tenant]
	if docs == nil {
		docs = map[string]struct{}{}
		b.changed[tenant] = docs
	}
	docs[t.tableName()+"/"+id] = struct{}{}
}

// apply folds one commit. An error that is a poison comes from the fold or the
// event; any other from the store.
func (b *batch) apply(v *View, c decoded) (err error) {
	tx := &Tx{Commit: c.commit, batch: b}
	defer func() {
		if r := recover(); r != nil {
			err = poison{fmt.Errorf("apply %s: panic: %v\n%s", tx.EventID, r, debug.Stack())}
		}
	}()
	for n, rec := range c.commit.Events {
		wants := v.wants(c.events[n].typ)
		if !wants && len(v.each) == 0 {
			continue
		}
		tx.EventID = c.commit.EventID(n)
		if wants {
			if c.events[n].err != nil {
				return poison{fmt.Errorf("event %s: %w", tx.EventID, c.events[n].err)}
			}
			for _, apply := range v.on[c.events[n].typ] {
				apply(tx, c.events[n].event)
			}
		}
		for _, apply := range v.each {
			apply(tx, rec)
		}
		if b.strict {
			b.leftAlone()
		}
		if b.err != nil {
			return fmt.Errorf("apply %s: %w", tx.EventID, b.err)
		}
	}
	return nil
}

// poison is an error that repeats however often the commit is folded.
type poison struct{ error }

func (p poison) Unwrap() error { return p.error }

func (b *batch) remember(t TableDef, id string, doc any) {
	if !b.strict || doc == nil {
		return
	}
	was, err := t.encode(doc)
	if err != nil {
		b.err = poison{err}
		return
	}
	b.got = append(b.got, gotten{t, id, doc, was})
}

func (b *batch) leftAlone() {
	for _, g := range b.got {
		is, err := g.table.encode(g.doc)
		if err == nil && !bytes.Equal(g.was, is) {
			err = fmt.Errorf("the fold changed a document of %s that it was given (%s):\n was %s\n is  %s", g.table.tableName(), g.id, g.was, is)
		}
		if err != nil && b.err == nil {
			b.err = poison{err}
		}
	}
	b.got = b.got[:0]
}

func roundTrips(t TableDef, id string, doc any) error {
	once, err := t.encode(doc)
	if err != nil {
		return poison{err}
	}
	back, err := t.decode(once)
	if err != nil {
		return poison{err}
	}
	twice, err := t.encode(back)
	if err != nil {
		return poison{err}
	}
	if !bytes.Equal(once, twice) {
		return poison{fmt.Errorf("%s %s does not come back from JSON as it was:\n put  %s\n back %s", t.tableName(), id, once, twice)}
	}
	return nil
}
