package feedback

import (
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"throughline.dev/pkg/fail"
)

// Ask is one wish for one target: who asks (a customer or a person, by id),
// how much it matters to them, and when they said so.
type Ask struct {
	By         string     `json:"by"`
	Importance Importance `json:"importance"`
	At         time.Time  `json:"at"`
}

// Requester is what the scores need to know of whoever asks. The zero value
// is somebody without revenue and segments, such as a person without a company.
type Requester struct {
	ARR      *Money
	Segments []string
}

// Latest keeps one ask per requester, the latest: a requester counts once per
// target and the latest importance wins (domain.md §4). Of two at the same
// moment the more important one wins, so that the order of asks never matters.
// The result is in the order of By.
func Latest(asks []Ask) []Ask {
	latest := map[string]Ask{}
	for _, a := range asks {
		if b, ok := latest[a.By]; !ok || a.At.After(b.At) || a.At.Equal(b.At) && a.Importance > b.Importance {
			latest[a.By] = a
		}
	}
	return slices.SortedFunc(maps.Values(latest), func(a, b Ask) int { return strings.Compare(a.By, b.By) })
}

// Requesters is how many different requesters ask.
func Requesters(asks []Ask) int { return len(Latest(asks)) }

// ImportanceScore is Σ latest importance.
func ImportanceScore(asks []Ask) int {
	sum := 0
	for _, a := range Latest(asks) {
		sum += int(a.Importance)
	}
	return sum
}

// RevenueScore is Σ ARR × importance ÷ 3, once per requester with the latest
// importance, per currency, in minor units rounded half up. Requesters without
// a known revenue add nothing. The result is in the order of currencies;
// amounts of different currencies are never added up.
func RevenueScore(asks []Ask, who func(by string) Requester) []Money {
	thirds := map[string]int64{}
	for _, a := range Latest(asks) {
		if arr := who(a.By).ARR; arr != nil {
			thirds[arr.Currency] += arr.Amount * int64(a.Importance)
		}
	}
	var sums []Money
	for _, currency := range slices.Sorted(maps.Keys(thirds)) {
		// A third is never a half, so rounding half up needs no more than this.
		sums = append(sums, Money{Amount: (thirds[currency] + 1) / 3, Currency: currency})
	}
	return sums
}

// SegmentScore is Σ segment weight × latest importance. A requester in several
// segments counts with the heaviest of them; a segment without a weight and a
// requester without a segment weigh 1.
func SegmentScore(asks []Ask, who func(by string) Requester, weights map[string]float64) float64 {
	sum := 0.0
	for _, a := range Latest(asks) {
		sum += segmentWeight(who(a.By).Segments, weights) * float64(a.Importance)
	}
	return sum
}

func segmentWeight(segments []string, weights map[string]float64) float64 {
	if len(segments) == 0 {
		return 1
	}
	heaviest := 0.0
	for _, s := range segments {
		w, ok := weights[s]
		if !ok {
			w = 1
		}
		heaviest = max(heaviest, w)
	}
	return heaviest
}

// Recency is 0.5^(age ÷ halfLife): 1 for what was said now (or later), 0.5
// after one half-life. Without a half-life nothing ages.
func Recency(age, halfLife time.Duration) float64 {
	if halfLife <= 0 || age <= 0 {
		return 1
	}
	return math.Pow(0.5, float64(age)/float64(halfLife))
}

// RecencyScore is Σ latest importance × recency.
func RecencyScore(asks []Ask, now time.Time, halfLife time.Duration) float64 {
	sum := 0.0
	for _, a := range Latest(asks) {
		sum += float64(a.Importance) * Recency(now.Sub(a.At), halfLife)
	}
	return sum
}

// What RICE's inputs may be (Intercom's scales; domain.md §4).
var (
	riceImpacts     = []float64{3, 2, 1, 0.5, 0.25}
	riceConfidences = []float64{1, 0.8, 0.5}
)

// leastEffort is RICE's smallest effort, in person-months.
const leastEffort = 0.5

// RICE is reach × impact × confidence ÷ effort. Reach is people or events per
// period, the same period for all that is compared; impact is 3, 2, 1, 0.5 or
// 0.25; confidence 1, 0.8 or 0.5; effort person-months, at least 0.5. Other
// inputs are fail.Invalid with the name of the input.
func RICE(reach, impact, confidence, effort float64) (float64, error) {
	switch {
	case !(reach >= 0) || math.IsInf(reach, 1):
		return 0, fail.Invalid("reach", "reach is 0 or more people per period, not %v", reach)
	case !slices.Contains(riceImpacts, impact):
		return 0, fail.Invalid("impact", "impact is 3 (massive), 2 (high), 1 (medium), 0.5 (low) or 0.25 (minimal), not %v", impact)
	case !slices.Contains(riceConfidences, confidence):
		return 0, fail.Invalid("confidence", "confidence is 1 (high), 0.8 (medium) or 0.5 (low), not %v", confidence)
	case !(effort >= leastEffort) || math.IsInf(effort, 1):
		return 0, fail.Invalid("effort", "effort is at least %v person-months, not %v", leastEffort, effort)
	}
	return reach * impact * confidence / effort, nil
}
