// Package backlog is the page of a ranked backlog.
package backlog

import (
	"net/url"
	"strconv"

	"throughline.dev/services/gateway/web/part"
)

// PageSize is how many rows a page has: longer lists are slow to read and slow
// to draw.
const PageSize = 200

// Model is a page of the backlog.
type Model struct {
	Live        part.Live
	Path        string
	Query       url.Values
	Order       string // which list it is
	Orders      []part.Option
	Move        string // where a move is sent; {at} is before or after: /api/v1/orders/…/move-{at}; "" cannot be ranked
	First, Last string // ids of the first and the last row of the whole order
	Rows        []Row
	Page, Pages int // from 1
	Sums        Sums
	Filter      Filter
}

// Sums are of all rows that pass the filter.
type Sums struct {
	Items, Unestimated int
	Points, Done       float64
}

// Filter is what the list is narrowed to.
type Filter struct {
	Text, Kind, State, Team, Epic string
	Kinds, States, Teams, Epics   []part.Option
}

func (f Filter) set() bool {
	return f.Text != "" || f.Kind != "" || f.State != "" || f.Team != "" || f.Epic != ""
}

// Row is one item in its rank.
type Row struct {
	Rank                      int // in the whole order, from 1
	ID, Key, Title, URL, Kind string
	State, Phase              string
	Points                    string // "" is not estimated
	Parent, Epic              part.Ref
	Requesters                int
	Team                      string
	Blocked                   string
	Change                    string
	Diffs                     []part.Diff
}

func (m Model) with(set ...string) string { return part.Query(m.Path, m.Query, set...) }

func (m Model) page(n int) string {
	if n == 1 {
		return m.with("page", "")
	}
	return m.with("page", strconv.Itoa(n))
}

func (m Model) ranked() bool { return m.Move != "" && !m.Live.Past }

// hidden are the values of the page that the filter must not lose.
func (m Model) hidden() []part.Pair {
	var pairs []part.Pair
	for _, name := range []string{"asOf", "compareTo"} {
		if v := m.Query.Get(name); v != "" {
			pairs = append(pairs, part.Pair{Name: name, Value: v})
		}
	}
	return pairs
}
