package strategy

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestWSJFScore(t *testing.T) {
	for _, v := range []struct {
		name   string
		in     WSJF
		want   float64
		scored bool
	}{
		{"first vector", WSJF{8, 5, 3, 2, "s"}, 8, true},
		{"second vector", WSJF{13, 8, 5, 13, "s"}, 2, true},
		{"third vector", WSJF{3, 1, 8, 3, "s"}, 4, true},
		{"without value it is unscored", WSJF{0, 5, 3, 2, "s"}, 0, false},
		{"without time criticality it is unscored", WSJF{8, 0, 3, 2, "s"}, 0, false},
		{"without risk and opportunity it is unscored", WSJF{8, 5, 0, 2, "s"}, 0, false},
		{"without size it is unscored", WSJF{8, 5, 3, 0, "s"}, 0, false},
	} {
		t.Run(v.name, func(t *testing.T) {
			got, scored := v.in.Score()
			if got != v.want || scored != v.scored {
				t.Fatalf("got %v, %v; want %v, %v", got, scored, v.want, v.scored)
			}
		})
	}
}

func TestCompareWSJF(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 1, d, 0, 0, 0, 0, time.UTC) }
	ranked := []Ranked{
		{WSJF{8, 5, 3, 2, "1"}, day(9)},    // 8
		{WSJF{3, 1, 8, 3, "2"}, day(8)},    // 4
		{WSJF{13, 8, 5, 13, "3"}, day(7)},  // 2, the highest cost of delay of those with 2
		{WSJF{8, 5, 3, 8, "4"}, day(6)},    // 2
		{WSJF{3, 2, 1, 3, "5"}, day(4)},    // 2, older than the next
		{WSJF{2, 3, 1, 3, "6"}, day(5)},    // 2
		{WSJF{20, 20, 20, 0, "7"}, day(1)}, // unscored, however much it would be worth
		{WSJF{0, 0, 0, 1, "8"}, day(2)},
	}
	shuffled := slices.Clone(ranked)
	slices.Reverse(shuffled)
	slices.SortFunc(shuffled, CompareWSJF)
	for i := range ranked {
		if shuffled[i].Session != ranked[i].Session {
			t.Fatalf("rank %d is %s, want %s", i+1, shuffled[i].Session, ranked[i].Session)
		}
	}
}

func TestCompareWSJFIsAnOrder(t *testing.T) {
	one := rapid.Custom(func(t *rapid.T) Ranked {
		in := rapid.SampledFrom(append([]int{0}, WSJFScale...))
		return Ranked{WSJF{in.Draw(t, "value"), in.Draw(t, "time"), in.Draw(t, "risk"), in.Draw(t, "size"), "s"},
			time.Unix(rapid.Int64Range(0, 3).Draw(t, "since"), 0)}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := one.Draw(t, "a"), one.Draw(t, "b"), one.Draw(t, "c")
		if CompareWSJF(a, b) != -CompareWSJF(b, a) {
			t.Fatal("it depends on which comes first")
		}
		if CompareWSJF(a, b) <= 0 && CompareWSJF(b, c) <= 0 && CompareWSJF(a, c) > 0 {
			t.Fatal("it goes in a circle")
		}
	})
}
