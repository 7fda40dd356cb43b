package view_test

import (
	"fmt"
	"testing"

	"throughline.dev/pkg/boot/boottest"
	"throughline.dev/pkg/view"
)

func TestViewsOfTheLogInNATS(t *testing.T) {
	forEachStore(t, func(t *testing.T, open opener) {
		log := boottest.Log(t)
		var last uint64
		add := func(i int) {
			c := commit(t, i, cardAdded{fmt.Sprint(i), "a"}, cardLabeled{"red"})
			c.Meta.ID = fmt.Sprint("commit-", i)
			var err error
			if last, err = log.Append(t.Context(), c, 0); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 1200 {
			add(i)
		}
		m := view.NewModels(log, catalog, open("x"), board)
		stop := run(t, m)
		wait(t, m, board, last)
		stop()
		add(1200)
		m = view.NewModels(log, catalog, open("x"), board)
		run(t, m)
		wait(t, m, board, last)
		for _, as := range []struct{ position, cards uint64 }{{last, 1201}, {700, 700}, {0, 0}} {
			r, err := m.At(t.Context(), tenant, "board", as.position)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := cardTable.Count(t.Context(), r, "label", "red"); uint64(n) != as.cards || err != nil {
				t.Errorf("as of %d: %d cards, want %d (%v)", as.position, n, as.cards, err)
			}
		}
		before, _, err := m.Dump(t.Context(), "board")
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Rebuild(soon(t), "board"); err != nil {
			t.Fatal(err)
		}
		after, _, err := m.Dump(t.Context(), "board")
		if err != nil || string(before) != string(after) {
			t.Errorf("a rebuild gives other bytes (%v)", err)
		}
	})
}
