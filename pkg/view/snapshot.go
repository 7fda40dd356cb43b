package view

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"throughline.dev/pkg/es"
)

// Reader is one organisation's documents of one view in one state: live, as of
// a position, or on top of a Snapshot. It is had for an es.Tenant only, so no
// query can see another organisation.
type Reader struct {
	view     *View
	tenant   es.Tenant
	rows     rows
	position uint64
}

// Position returns the position that the state includes, at least.
func (r Reader) Position() uint64 { return r.position }

func (r Reader) owns(t TableDef) error {
	if r.rows == nil {
		return errors.New("read: the Reader is a zero value; Models.Live and Models.At give one")
	}
	if r.view.tables[t.tableName()] != t {
		return fmt.Errorf("read: table %s does not belong to view %s", t.tableName(), r.view.Name)
	}
	return nil
}

// Checkpoint is how far a view has come, in which log.
type Checkpoint struct {
	Epoch    string `json:"epoch"`
	Position uint64 `json:"position"`
	Commit   string `json:"commit"` // id of the commit at Position, "" at 0
}

// Snapshot is a view's state at one position, in memory and immutable. The
// zero Snapshot is no state; NewSnapshot is the beginning.
type Snapshot struct {
	view   *View
	root   *root
	strict bool
}

// NewSnapshot returns the state of a view before the first commit.
func NewSnapshot(v *View) Snapshot { return Snapshot{view: v, root: emptyRoot()} }

// Strict makes Fold refuse a fold that changes a document it was given or puts
// one that does not survive JSON. It is for tests: it costs time.
func (s Snapshot) Strict() Snapshot { s.strict = true; return s }

// Position returns the position of the last commit in it.
func (s Snapshot) Position() uint64 { return s.root.at.Position }

// Fold returns the state after more commits, leaving s as it is.
func (s Snapshot) Fold(catalog *es.Catalog, commits ...es.Commit) (Snapshot, error) {
	d := s.root.draft()
	b := newBatch(context.Background(), d)
	b.strict = s.strict
	at := s.root.at
	for _, c := range decode(catalog, commits, []*View{s.view}) {
		if err := b.apply(s.view, c); err != nil {
			return s, fmt.Errorf("fold %s at %d: %w", s.view.Name, c.commit.Position, err)
		}
		at.Position, at.Commit = c.commit.Position, c.commit.Meta.ID
	}
	s.root = s.root.with(d, at)
	return s, nil
}

// Reader returns one organisation's documents.
func (s Snapshot) Reader(t es.Tenant) Reader {
	return Reader{view: s.view, tenant: t, rows: s.root.state(), position: s.root.at.Position}
}

// Dump returns the state as canonical bytes: see Models.Dump.
func (s Snapshot) Dump() ([]byte, error) {
	ctx, st := context.Background(), s.root.state()
	tenants, err := st.tenants(ctx)
	if err != nil {
		return nil, err
	}
	return dump(ctx, s.view, st, tenants)
}

// dump writes a line for each document and for each index entry, in order:
// ["tenant","table","id",document] and, with the sort in base64,
// ["tenant","table","index","sort","id"].
func dump(ctx context.Context, v *View, from state, tenants []es.Tenant) ([]byte, error) {
	var out bytes.Buffer
	line := func(cells ...any) error {
		b, err := json.Marshal(cells)
		out.Write(b)
		out.WriteByte('\n')
		return err
	}
	for _, tenant := range tenants {
		for _, name := range v.tableNames() {
			t := v.tables[name]
			docs, err := from.list(ctx, t, tenant, span{})
			if err != nil {
				return nil, fmt.Errorf("dump %s of %s: %w", name, v.Name, err)
			}
			for _, r := range docs {
				doc, err := t.encode(r.doc)
				if err != nil {
					return nil, fmt.Errorf("dump %s of %s: %w", name, v.Name, err)
				}
				if err := line(tenant, name, r.id, json.RawMessage(doc)); err != nil {
					return nil, fmt.Errorf("dump %s of %s: %w", name, v.Name, err)
				}
			}
			indexes, err := from.indexes(ctx, t, tenant)
			if err != nil {
				return nil, fmt.Errorf("dump %s of %s: %w", name, v.Name, err)
			}
			for _, index := range indexes {
				entries, err := from.list(ctx, t, tenant, span{index: index})
				if err != nil {
					return nil, fmt.Errorf("dump %s of %s by %s: %w", name, v.Name, index, err)
				}
				for _, r := range entries {
					sort, id := split(index, r.entry)
					if err := line(tenant, name, index, []byte(sort), id); err != nil {
						return nil, fmt.Errorf("dump %s of %s by %s: %w", name, v.Name, index, err)
					}
				}
			}
		}
	}
	return out.Bytes(), nil
}
