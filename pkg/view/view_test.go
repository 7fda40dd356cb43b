package view_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/view"
	"throughline.dev/pkg/view/viewtest"
)

func TestAFoldKeepsDocumentsAndIndexes(t *testing.T) {
	ctx := t.Context()
	r := viewtest.Fold(t, board, catalog,
		commit(t, 1, cardAdded{"beta", "todo"}),
		commit(t, 2, cardAdded{"alpha", "todo"}, cardLabeled{"red"}),
		commit(t, 3, cardAdded{"gamma", "done"}),
		commit(t, 1, cardMoved{"done"}, cardLabeled{"red"}),
	).Reader(tenant)

	d, ok, err := cardTable.Find(ctx, r, cardID(1).String())
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	want := cardDoc{Title: "beta", Column: "done", Labels: map[string]bool{"red": true}, Trail: []uint64{1, 4}}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Fatal(diff)
	}
	if got := titles(t, r, view.Range{Index: "column", Prefix: "done/"}); got != "beta gamma" {
		t.Errorf("done holds %q", got)
	}
	if got := titles(t, r, view.Range{Index: "column", Prefix: "todo/"}); got != "alpha" {
		t.Errorf("todo still holds %q", got)
	}
	if got := titles(t, r, view.Range{Index: "title", Desc: true}); got != "gamma beta alpha" {
		t.Errorf("backwards by title: %q", got)
	}
	n, err := cardTable.Count(ctx, r, "label", "red")
	if err != nil || n != 2 {
		t.Errorf("%d cards are red, want 2 (%v)", n, err)
	}
	if r.Position() != 4 {
		t.Errorf("position %d, want 4", r.Position())
	}
}

func TestAScanMayDeleteWhatItVisits(t *testing.T) {
	r := viewtest.Fold(t, board, catalog,
		commit(t, 1, cardAdded{"a", "todo"}),
		commit(t, 2, cardAdded{"b", "todo"}),
		commit(t, 3, cardAdded{"c", "done"}),
		commit(t, 9, boardWiped{"todo"}),
	).Reader(tenant)
	if got := titles(t, r, view.Range{Index: "title"}); got != "c" {
		t.Errorf("left: %q", got)
	}
	if _, ok, err := columnTable.Find(t.Context(), r, "todo"); ok || err != nil {
		t.Errorf("the empty column is there: %v %v", ok, err)
	}
}

func TestAReaderSeesOneOrganisation(t *testing.T) {
	other := es.NewTenant()
	theirs := commit(t, 1, cardAdded{"theirs", "todo"})
	stream, err := es.NewStream("test", other, "card", cardID(1).String())
	if err != nil {
		t.Fatal(err)
	}
	theirs.Stream = stream
	s := viewtest.Fold(t, board, catalog, commit(t, 1, cardAdded{"ours", "todo"}), theirs)
	if got := titles(t, s.Reader(tenant), view.Range{Index: "title"}); got != "ours" {
		t.Errorf("we see %q", got)
	}
	if got := titles(t, s.Reader(other), view.Range{Index: "title"}); got != "theirs" {
		t.Errorf("they see %q", got)
	}
	if got := titles(t, s.Reader(es.NewTenant()), view.Range{Index: "title"}); got != "" {
		t.Errorf("a stranger sees %q", got)
	}
}

func TestAListGoesOnWhereItEnded(t *testing.T) {
	var commits []es.Commit
	for i, title := range []string{"a", "a\x00b", "a\x00", "b", "\xff", "", "a\x01", "ab"} {
		commits = append(commits, commit(t, i, cardAdded{title, "x"}))
	}
	s := viewtest.Fold(t, board, catalog, commits...)
	for _, q := range []view.Range{{}, {Index: "title"}, {Index: "title", Prefix: "a"}, {Index: "column", Prefix: "x/"}, {Index: "title", Prefix: "a\x00"}} {
		for _, desc := range []bool{false, true} {
			q.Desc = desc
			all, next, err := cardTable.List(t.Context(), s.Reader(tenant), q)
			if err != nil || next != "" {
				t.Fatal(next, err)
			}
			if n, err := cardTable.Count(t.Context(), s.Reader(tenant), q.Index, q.Prefix); err != nil || n != len(all) || n == 0 {
				t.Errorf("%+v counts %d, lists %d (%v)", q, n, len(all), err)
			}
			var paged []view.Row[cardDoc]
			for page := q; ; {
				page.Limit = 2
				rows, next, err := cardTable.List(t.Context(), s.Reader(tenant), page)
				if err != nil {
					t.Fatal(err)
				}
				if paged = append(paged, rows...); next == "" {
					break
				}
				page.After = next
			}
			if diff := cmp.Diff(all, paged); diff != "" {
				t.Errorf("%+v in pages: %s", q, diff)
			}
		}
	}
	_, _, err := cardTable.List(t.Context(), s.Reader(tenant), view.Range{After: "§"})
	if e, ok := fail.As(err); !ok || e.Kind != fail.KindInvalid || e.Field != "after" {
		t.Errorf("a made-up continuation gave %v", err)
	}
}

func TestASnapshotStaysAsItWas(t *testing.T) {
	before := viewtest.Fold(t, board, catalog, commit(t, 1, cardAdded{"a", "todo"}))
	after, err := before.Fold(catalog, viewtest.Numbered(es.Commit{Position: 1}, commit(t, 2, cardAdded{"b", "todo"}))[1])
	if err != nil {
		t.Fatal(err)
	}
	if got := titles(t, before.Reader(tenant), view.Range{Index: "title"}); got != "a" {
		t.Errorf("the base became %q", got)
	}
	if got := titles(t, after.Reader(tenant), view.Range{Index: "title"}); got != "a b" {
		t.Errorf("on top: %q", got)
	}
}

func TestStrictFindsAFoldThatChangesWhatItWasGiven(t *testing.T) {
	table := view.NewTable[cardDoc]("cards", nil)
	rude := view.New("rude", 1, []view.TableDef{table},
		view.On(func(tx *view.Tx, e cardAdded) { table.Put(tx, tx.ID(), cardDoc{Trail: []uint64{1}}) }),
		view.On(func(tx *view.Tx, e cardMoved) { d, _ := table.Get(tx, tx.ID()); d.Trail[0] = 7 }))
	_, err := view.NewSnapshot(rude).Strict().Fold(catalog,
		viewtest.Numbered(commit(t, 1, cardAdded{"a", "x"}), commit(t, 1, cardMoved{"y"}))...)
	if err == nil || !strings.Contains(err.Error(), "changed a document") {
		t.Errorf("got %v", err)
	}
}

func TestADocumentThatDoesNotSurviveJSONIsRefusedAtStart(t *testing.T) {
	defer func() {
		if r := recover(); r == nil {
			t.Error("a hidden field was accepted")
		}
	}()
	view.NewTable[struct {
		Seen   int
		hidden int
	}]("hidden", nil)
}

func titles(t testing.TB, r view.Reader, q view.Range) string {
	t.Helper()
	rows, _, err := cardTable.List(t.Context(), r, q)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, row := range rows {
		all = append(all, row.Doc.Title)
	}
	return strings.Join(all, " ")
}
