package view

import (
	"errors"
	"testing"

	"github.com/redis/go-redis/v9"

	"throughline.dev/pkg/boot/boottest"
	"throughline.dev/pkg/es"
)

// The contract of a Store, below what the runner makes of it: see store.go.

type noteDoc struct {
	Text string `json:"text"`
}

var (
	noteTable = NewTable("notes", func(_ string, d noteDoc) []Key { return []Key{{"text", d.Text}} })
	noteView  = New("notes", 1, []TableDef{noteTable})
	someone   = es.NewTenant()
)

func contract(t *testing.T, test func(t *testing.T, s Store)) {
	t.Run("memory", func(t *testing.T) { test(t, NewMemory()) })
	t.Run("redis", func(t *testing.T) {
		opts, err := redis.ParseURL(boottest.Redis(t))
		if err != nil {
			t.Fatal(err)
		}
		c := redis.NewClient(opts)
		t.Cleanup(func() { _ = c.Close() })
		test(t, NewRedis(c, "p:"))
	})
}

func TestOfTwoWritersOnOneCheckpointTheSecondChangesNothing(t *testing.T) {
	contract(t, func(t *testing.T, s Store) {
		e := made(t, s, 0)
		first, second := writerOf(t, s, e), writerOf(t, s, e)
		if err := write(t, first, "first", 1); err != nil {
			t.Fatal(err)
		}
		if err := write(t, second, "second", 1); !errors.Is(err, errMoved) {
			t.Fatalf("the second writer got %v", err)
		}
		if got := held(t, s, e); got != "first" {
			t.Errorf("the edition holds %q", got)
		}
		at, err := s.checkpoint(t.Context(), e)
		if want := (Checkpoint{"epoch", 1, "first"}); err != nil || at != want {
			t.Errorf("it stands at %+v (%v)", at, err)
		}
	})
}

func TestAFoldDoesNotReadWhatAnotherWriterLeft(t *testing.T) {
	contract(t, func(t *testing.T, s Store) {
		e := made(t, s, 7) // not empty at 0: the writers have to read
		first, second := writerOf(t, s, e), writerOf(t, s, e)
		before := second.draft()
		if err := write(t, first, "first", 8); err != nil {
			t.Fatal(err)
		}
		doc, err := before.get(t.Context(), noteTable, someone, "note")
		if doc != nil || err != nil && !errors.Is(err, errMoved) {
			t.Errorf("it read %v (%v) into a fold of the state before", doc, err)
		}
		found, err := before.list(t.Context(), noteTable, someone, span{index: "text"})
		if len(found) != 0 || err != nil && !errors.Is(err, errMoved) {
			t.Errorf("it listed %v (%v) into a fold of the state before", found, err)
		}
	})
}

func TestAnEditionEndsInTheStepInWhichAnotherTakesOver(t *testing.T) {
	contract(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		live, next := made(t, s, 3), made(t, s, 2)
		placed := shelf{Live: live, Next: next}
		if err := s.swap(ctx, "notes", shelf{}, placed); err != nil {
			t.Fatal(err)
		}
		old := writerOf(t, s, live)
		now := placed.without(live)
		now.Live, now.Next = next, Edition{}
		if err := s.swap(ctx, "notes", placed, now); !errors.Is(err, errBehind) {
			t.Fatalf("an edition that is behind took over: %v", err)
		}
		if err := write(t, writerOf(t, s, next), "next", 3); err != nil {
			t.Fatal(err)
		}
		if err := s.swap(ctx, "notes", shelf{Live: next}, now); !errors.Is(err, errMoved) {
			t.Fatalf("a swap on another shelf: %v", err)
		}
		if err := s.swap(ctx, "notes", placed, now); err != nil {
			t.Fatal(err)
		}
		if err := write(t, old, "too late", 4); !errors.Is(err, errMoved) {
			t.Errorf("the edition before was written to: %v", err)
		}
		if _, err := s.checkpoint(ctx, live); !errors.Is(err, errGone) {
			t.Errorf("the edition before still stands: %v", err)
		}
		if sh, err := s.shelf(ctx, "notes"); err != nil || !sh.same(now) {
			t.Errorf("the shelf is %+v (%v)", sh, err)
		}
		if err := s.drop(ctx, live); err != nil {
			t.Error(err)
		}
		if got := held(t, s, next); got != "next" {
			t.Errorf("the new edition holds %q", got)
		}
	})
}

func TestADroppedEditionIsGoneNotEmpty(t *testing.T) {
	contract(t, func(t *testing.T, s Store) {
		e := made(t, s, 0)
		if err := write(t, writerOf(t, s, e), "x", 1); err != nil {
			t.Fatal(err)
		}
		if err := s.drop(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		st, err := s.state(e)
		if err == nil {
			_, err = st.docs(t.Context(), noteTable, someone, []string{"note"})
		}
		if !errors.Is(err, errGone) {
			t.Errorf("reading it gives %v", err)
		}
		if _, err := s.writer(t.Context(), e); !errors.Is(err, errGone) {
			t.Errorf("writing to it gives %v", err)
		}
	})
}

// made is a new edition that stands at a position without documents.
func made(t *testing.T, s Store, position uint64) Edition {
	t.Helper()
	e := fresh(noteView)
	if err := s.create(t.Context(), e, Checkpoint{"epoch", position, ""}); err != nil {
		t.Fatal(err)
	}
	return e
}

func writerOf(t *testing.T, s Store, e Edition) writer {
	t.Helper()
	w, err := s.writer(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// write commits one note, whose text is also the commit's id.
func write(t *testing.T, w writer, text string, position uint64) error {
	t.Helper()
	d := w.draft()
	doc := noteDoc{text}
	d.set(noteTable, someone, "note", nil, doc, nil, noteTable.keys("note", doc))
	return w.commit(t.Context(), d, Checkpoint{"epoch", position, text})
}

// held is what the edition's index and documents hold.
func held(t *testing.T, s Store, e Edition) string {
	t.Helper()
	st, err := s.state(e)
	if err != nil {
		t.Fatal(err)
	}
	found, err := st.list(t.Context(), noteTable, someone, span{index: "text"})
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, r := range found {
		all += r.doc.(noteDoc).Text
	}
	return all
}
