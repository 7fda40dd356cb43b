package feedback

import (
	"maps"
	"slices"
	"time"

	"throughline.dev/pkg/es"
)

// Demand is who asks for one target, in a form that a view can fold and store:
// one ask per source. A source is the insight or the vote that says it, by id.
// All sources are kept, not only the latest of each requester, so that taking
// one away lets the one before count again. The zero Demand is nobody.
type Demand struct {
	Asks map[string]Ask `json:"asks,omitempty"`
}

// Add sets what a source says; what it said before is replaced.
func (d Demand) Add(source string, a Ask) Demand {
	a.At = a.At.UTC().Round(0) // as it comes back from JSON
	return Demand{es.Plus(d.Asks, source, a)}
}

// Remove takes away what a source said.
func (d Demand) Remove(source string) Demand {
	left := es.Minus(d.Asks, source)
	if len(left) == 0 {
		return Demand{}
	}
	return Demand{left}
}

// With unites two demands, as a merge of their targets does: everybody still
// counts once. Taking the merge back is not using it.
func (d Demand) With(other Demand) Demand {
	if len(d.Asks)+len(other.Asks) == 0 {
		return Demand{}
	}
	both := make(map[string]Ask, len(d.Asks)+len(other.Asks))
	maps.Copy(both, d.Asks)
	maps.Copy(both, other.Asks)
	return Demand{both}
}

// Basis is what a score rests on beside the asks.
type Basis struct {
	Now      time.Time
	HalfLife time.Duration                        // 0: nothing ages
	Weights  map[string]float64                   // of segments; 1 where there is none
	Who      func(by string) Requester            // nil: nobody has revenue or segments
	Same     func(by string) (canonicalID string) // nil: no requester is merged into another one
}

// Score is a demand in numbers; the functions of the same names say how.
type Score struct {
	Requesters int     `json:"requesters"`
	Importance int     `json:"importance"`
	Revenue    []Money `json:"revenue,omitempty"`
	Segment    float64 `json:"segment"`
	Recency    float64 `json:"recency"`
}

// Score rates the demand. The same demand on the same basis gives the same
// numbers to the last bit, in whatever order it came together.
func (d Demand) Score(b Basis) Score {
	who := b.Who
	if who == nil {
		who = func(string) Requester { return Requester{} }
	}
	asks := slices.Collect(maps.Values(d.Asks))
	if b.Same != nil {
		for i := range asks {
			asks[i].By = b.Same(asks[i].By)
		}
	}
	return Score{
		Requesters: Requesters(asks),
		Importance: ImportanceScore(asks),
		Revenue:    RevenueScore(asks, who),
		Segment:    SegmentScore(asks, who, b.Weights),
		Recency:    RecencyScore(asks, b.Now, b.HalfLife),
	}
}
