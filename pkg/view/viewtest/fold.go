// Package viewtest is for tests of views: it folds commits in memory, strictly,
// and gives the state to query.
//
//	r := viewtest.Fold(t, Kanban, catalog,
//		viewtest.Commit(t, Epics, id, EpicSubmitted{…}),
//		viewtest.Commit(t, Epics, id, GoDecided{…}),
//	).Reader(estest.Meta.Tenant)
//	card, ok, err := cards.Find(t.Context(), r, id.String())
package viewtest

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/view"
)

// Commit is one commit of estest.Meta's organisation with these events, which
// pass through the aggregate's schema. Fold numbers it; set Meta to steer who
// and when.
func Commit[S any](t testing.TB, agg *es.Aggregate[S], id es.ID[S], events ...es.Event[S]) es.Commit {
	t.Helper()
	meta := estest.Meta
	meta.ID, meta.Time = "", time.Time{}
	stream, err := agg.Stream(meta.Tenant, id)
	if err != nil {
		t.Fatal(err)
	}
	c := es.Commit{Stream: stream, Meta: meta}
	for _, e := range events {
		r, err := agg.Schema.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		c.Events = append(c.Events, r)
	}
	return c
}

// Fold folds the commits, one after the other and once more all at once, and
// fails when the two differ, when the fold changes a document that it was
// given, or when a document does not survive JSON. A commit without a position
// comes right after the one before, without a time a minute later.
func Fold(t testing.TB, v *view.View, catalog *es.Catalog, commits ...es.Commit) view.Snapshot {
	t.Helper()
	numbered := Numbered(commits...)
	single := view.NewSnapshot(v).Strict()
	for _, c := range numbered {
		var err error
		if single, err = single.Fold(catalog, c); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := view.NewSnapshot(v).Fold(catalog, numbered...)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := dump(t, single), dump(t, whole); !bytes.Equal(a, b) {
		t.Fatalf("%s gives other documents one by one than at once:\n%s\n%s", v.Name, a, b)
	}
	return single
}

// Numbered gives positions, ids and times to the commits that have none.
func Numbered(commits ...es.Commit) []es.Commit {
	out := make([]es.Commit, len(commits))
	var last uint64
	for i, c := range commits {
		if c.Position == 0 {
			c.Position = last + 1
		}
		last = c.Position
		if c.Meta.ID == "" {
			c.Meta.ID = fmt.Sprintf("%026d", last)
		}
		if c.Meta.Time.IsZero() {
			c.Meta.Time = estest.Meta.Time.Add(time.Duration(i) * time.Minute)
		}
		out[i] = c
	}
	return out
}

func dump(t testing.TB, s view.Snapshot) []byte {
	t.Helper()
	b, err := s.Dump()
	if err != nil {
		t.Fatal(err)
	}
	return b
}
