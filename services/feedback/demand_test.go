package feedback

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// said1 is one thing that one source says.
type said1 struct {
	Source string
	Ask    Ask
}

func drawAsk(t *rapid.T) Ask {
	return Ask{
		By:         rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "by"),
		Importance: Importance(rapid.IntRange(0, 3).Draw(t, "importance")),
		At:         noon.Add(time.Duration(rapid.IntRange(-3, 3).Draw(t, "hour")) * time.Hour),
	}
}

// drawSaid draws what different sources say: additions that have nothing to do
// with one another.
func drawSaid(t *rapid.T) []said1 {
	all := make([]said1, rapid.IntRange(0, 12).Draw(t, "sources"))
	for i := range all {
		all[i] = said1{fmt.Sprintf("s%02d", i), drawAsk(t)}
	}
	return all
}

func demandOf(all []said1) Demand {
	var d Demand
	for _, s := range all {
		d = d.Add(s.Source, s.Ask)
	}
	return d
}

func stored(t *rapid.T, d Demand) []byte {
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var basis = Basis{Now: noon, HalfLife: 7 * time.Hour, Weights: map[string]float64{"bank": 1.1, "eu": 0.7}, Who: who}

func TestTheOrderOfUnrelatedAdditionsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawSaid(t)
		a, b := demandOf(all), demandOf(rapid.Permutation(all).Draw(t, "order"))
		if !bytes.Equal(stored(t, a), stored(t, b)) {
			t.Fatalf("stored differently:\n%s\n%s", stored(t, a), stored(t, b))
		}
		if diff := cmp.Diff(a.Score(basis), b.Score(basis)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestRemoveUndoesAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawSaid(t)
		before := demandOf(all)
		was := stored(t, before)
		after := before.Add("new", drawAsk(t)).Remove("new")
		if !bytes.Equal(was, stored(t, after)) {
			t.Fatalf("%s became %s", was, stored(t, after))
		}
		if !bytes.Equal(was, stored(t, before)) {
			t.Fatal("Add or Remove changed the demand that it was given")
		}
		for _, s := range all {
			after = after.Remove(s.Source)
		}
		if diff := cmp.Diff(Demand{}, after); diff != "" {
			t.Fatalf("with every source removed something is left: %s", diff)
		}
	})
}

func TestADemandComesBackFromJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := demandOf(drawSaid(t))
		var back Demand
		if err := json.Unmarshal(stored(t, d), &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(d, back); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestUnitedDemandCountsEverybodyOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawSaid(t)
		n := rapid.IntRange(0, len(all)).Draw(t, "split")
		both := demandOf(all[:n]).With(demandOf(all[n:]))
		if diff := cmp.Diff(demandOf(all).Score(basis), both.Score(basis)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestDemandScore(t *testing.T) {
	var d Demand
	if diff := cmp.Diff(Score{}, d.Score(Basis{})); diff != "" {
		t.Errorf("nobody asks: %s", diff)
	}
	for i, a := range vector {
		d = d.Add(fmt.Sprint(i), a)
	}
	want := Score{Requesters: 3, Importance: 6, Revenue: []Money{{166_666_67, "EUR"}}, Segment: 6, Recency: 6}
	if diff := cmp.Diff(want, d.Score(Basis{Now: noon, Who: who})); diff != "" {
		t.Error(diff)
	}
	// What a says last wins; without it what a said before counts again.
	later := d.Add("vote", Ask{"a", 1, noon.Add(time.Hour)})
	if got := later.Score(Basis{}).Importance; got != 4 {
		t.Errorf("with a's change of mind: %d, want 4", got)
	}
	if got := later.Remove("vote").Score(Basis{}).Importance; got != 6 {
		t.Errorf("with the vote retracted: %d, want 6", got)
	}
	// c is the same customer as b.
	same := func(by string) string {
		if by == "c" {
			return "b"
		}
		return by
	}
	if got := d.Score(Basis{Who: who, Same: same}); got.Requesters != 2 || got.Importance != 5 {
		t.Errorf("with c merged into b: %+v", got)
	}
}
