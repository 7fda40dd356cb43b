package feedback

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// The vector of domain.md §4: importances 3, 1, 2 and ARR 120k, 20k, 60k.
var (
	vector = []Ask{{"a", 3, noon}, {"b", 1, noon}, {"c", 2, noon}}
	thou   = func(n int64) *Money { return &Money{n * 1000_00, "EUR"} }
	people = map[string]Requester{"a": {ARR: thou(120), Segments: []string{"bank"}}, "b": {ARR: thou(20)}, "c": {ARR: thou(60), Segments: []string{"bank", "eu"}}}
	who    = func(by string) Requester { return people[by] }
)

func TestDemandFormulas(t *testing.T) {
	if got := Requesters(vector); got != 3 {
		t.Errorf("requesters: %d", got)
	}
	if got := ImportanceScore(vector); got != 6 {
		t.Errorf("importance: %d, want 6", got)
	}
	// 120k + 20k/3 + 60k×2/3 = 166 666.67
	if diff := cmp.Diff([]Money{{166_666_67, "EUR"}}, RevenueScore(vector, who)); diff != "" {
		t.Errorf("revenue: %s", diff)
	}
	// 2×3 + 1×1 + max(2, 3)×2
	if got := SegmentScore(vector, who, map[string]float64{"bank": 2, "eu": 3}); got != 13 {
		t.Errorf("segment: %v, want 13", got)
	}
	if got := SegmentScore(vector, who, nil); got != 6 {
		t.Errorf("segment without weights: %v, want 6", got)
	}
	if got := SegmentScore(vector, who, map[string]float64{"bank": 0, "eu": 0}); got != 1 {
		t.Errorf("segment where banks do not count: %v, want 1", got)
	}
}

func TestEverybodyCountsOnceWithWhatTheySaidLast(t *testing.T) {
	asks := []Ask{{"a", 1, noon}, {"a", 3, noon.Add(-time.Hour)}, {"a", 2, noon.Add(time.Hour)}, {"b", 0, noon}}
	if diff := cmp.Diff([]Ask{{"a", 2, noon.Add(time.Hour)}, {"b", 0, noon}}, Latest(asks)); diff != "" {
		t.Error(diff)
	}
	if got := Requesters(asks); got != 2 {
		t.Errorf("requesters: %d", got)
	}
	if got := Latest([]Ask{{"a", 1, noon}, {"a", 3, noon}, {"a", 2, noon}}); got[0].Importance != 3 {
		t.Errorf("at one moment the most important wins, not %v", got)
	}
}

func TestRevenueKeepsCurrenciesApart(t *testing.T) {
	people := map[string]Requester{"a": {ARR: &Money{100, "USD"}}, "b": {ARR: &Money{100, "EUR"}}, "c": {}}
	got := RevenueScore(vector, func(by string) Requester { return people[by] })
	if diff := cmp.Diff([]Money{{33, "EUR"}, {100, "USD"}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestRevenueIsRoundedHalfUp(t *testing.T) {
	for arr, want := range map[int64]int64{0: 0, 1: 0, 2: 1, 3: 1, 4: 1, 5: 2} {
		got := RevenueScore([]Ask{{"a", 1, noon}}, func(string) Requester { return Requester{ARR: &Money{arr, "EUR"}} })
		if got[0].Amount != want {
			t.Errorf("a third of %d is %d, want %d", arr, got[0].Amount, want)
		}
	}
}

func TestRecency(t *testing.T) {
	const half = 90 * 24 * time.Hour
	for _, c := range []struct {
		age, half time.Duration
		want      float64
	}{{0, half, 1}, {half, half, 0.5}, {2 * half, half, 0.25}, {half / 2, half, math.Sqrt(0.5)}, {-half, half, 1}, {half, 0, 1}} {
		if got := Recency(c.age, c.half); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("age %v, half-life %v: %v, want %v", c.age, c.half, got, c.want)
		}
	}
	asks := []Ask{{"a", 3, noon.Add(-half)}, {"b", 2, noon}}
	if got := RecencyScore(asks, noon, half); got != 3.5 {
		t.Errorf("score: %v, want 3.5", got)
	}
}

func TestRICE(t *testing.T) {
	got, err := RICE(2000, 2, 0.8, 4)
	if err != nil || got != 800 {
		t.Errorf("2000×2×0.8÷4 is 800, not %v (%v)", got, err)
	}
	if got, err := RICE(0, 0.25, 0.5, 0.5); err != nil || got != 0 {
		t.Errorf("the smallest of each input gives 0, not %v (%v)", got, err)
	}
	for name, c := range map[string]struct {
		in    [4]float64
		field string
	}{
		"negative reach":    {[4]float64{-1, 2, 0.8, 4}, "reach"},
		"no number":         {[4]float64{math.NaN(), 2, 0.8, 4}, "reach"},
		"endless reach":     {[4]float64{math.Inf(1), 2, 0.8, 4}, "reach"},
		"impact off scale":  {[4]float64{1, 4, 0.8, 4}, "impact"},
		"confidence":        {[4]float64{1, 2, 0.9, 4}, "confidence"},
		"confidence in %":   {[4]float64{1, 2, 80, 4}, "confidence"},
		"effort too small":  {[4]float64{1, 2, 0.8, 0.4}, "effort"},
		"effort no number":  {[4]float64{1, 2, 0.8, math.NaN()}, "effort"},
		"effort is endless": {[4]float64{1, 2, 0.8, math.Inf(1)}, "effort"},
	} {
		if _, err := RICE(c.in[0], c.in[1], c.in[2], c.in[3]); !errors.Is(err, invalid(c.field)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
