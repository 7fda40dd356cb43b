// Package kanban is the page of the portfolio Kanban: epics in their states,
// with limits, age, progress and demand, now or at a past moment, alone or
// compared with another.
package kanban

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"strconv"

	"throughline.dev/services/gateway/web/part"
)

// Model is the board as it is shown.
type Model struct {
	Live    part.Live
	Columns []Column
	Filter  Filter
	Path    string     // of the page
	Query   url.Values // of the page
	Table   bool       // show a table instead of columns
	Move    string     // where a move is sent; {id} stands for the epic: /api/v1/epics/{id}/move
	// Ask maps a refusal's code to the field that would answer it, "reason" or
	// "override"; the dialog then opens with the server's own words.
	Ask     map[string]string
	Compare *Compare
}

// Filter is what the board is narrowed to.
type Filter struct {
	Text, Theme, Owner string
	Blocked            bool
	Themes, Owners     []part.Option
	Portfolio          string        // always one
	Portfolios         []part.Option // with several one can be chosen
}

func (f Filter) set() bool { return f.Text != "" || f.Theme != "" || f.Owner != "" || f.Blocked }

// Column is one state.
type Column struct {
	State, Title string
	Policy       string  // when an epic may leave, as a hint
	Count        int     // all epics in the state, whether shown or not
	Shown        int     // those that pass the filter; the first of them are in Cards
	Limit        int     // 0 is none
	AverageAge   float64 // days in the state
	Aged         bool    // the average is beyond the 85th percentile of history
	Next         []string
	Cards        []Card
}

func (c Column) over() bool { return c.Limit > 0 && c.Count > c.Limit }

func (c Column) rest() int { return c.Shown - len(c.Cards) }

// days is the average age in whole days.
func (c Column) days() string { return strconv.Itoa(int(math.Round(c.AverageAge))) }

// age is the average age as words.
func (c Column) age() string {
	return fmt.Sprintf("on average %s days in %s", part.Number(c.AverageAge), c.Title)
}

// Card is one epic.
type Card struct {
	ID, Key, Title, URL string
	State               string
	Version             uint64
	Enabler             bool
	Owner               part.Person
	Themes              []string
	Stream              string // value stream
	Hue                 int    // 1…5, the stream's colour
	WSJF                float64
	Progress            part.Progress
	Requesters          int
	Blocked             string // why; "" is not blocked
	Days                int    // in this state
	Aged                bool   // longer than 85 % of epics stayed there
	Case                int    // percent of the business case filled in; 100 is not shown
	Change              Change
	Diffs               []part.Diff
}

func (c Card) wsjf() string {
	if c.WSJF == 0 {
		return "–"
	}
	return strconv.FormatFloat(c.WSJF, 'f', 1, 64)
}

// Change is how a card differs from the other moment.
type Change string

const (
	Same    Change = ""
	Entered Change = "Entered"
	Left    Change = "Left"
	Changed Change = "Changed"
)

func (c Change) tone() string {
	switch c {
	case Entered:
		return "good"
	case Left:
		return "danger"
	}
	return "warn"
}

// Compare is what differs from another moment.
type Compare struct {
	From, To             string // the two moments as words
	Entered, Left, Moved []Card
}

func (c Compare) none() bool { return len(c.Entered)+len(c.Left)+len(c.Moved) == 0 }

func (m Model) ask() string {
	b, err := json.Marshal(m.Ask)
	if err != nil { // a map of strings always marshals
		return "{}"
	}
	return string(b)
}

func (m Model) with(set ...string) string { return part.Query(m.Path, m.Query, set...) }

func (m Model) shown() int {
	n := 0
	for _, c := range m.Columns {
		n += c.Shown
	}
	return n
}

func (m Model) total() int {
	n := 0
	for _, c := range m.Columns {
		n += c.Count
	}
	return n
}

// hidden are the values of the page that the filter must not lose.
func (m Model) hidden() []part.Pair {
	var pairs []part.Pair
	for _, name := range []string{"asOf", "compareTo", "as"} {
		if v := m.Query.Get(name); v != "" {
			pairs = append(pairs, part.Pair{Name: name, Value: v})
		}
	}
	return pairs
}

// dialog is the move with a reason, which the server may ask for.
func (m Model) dialog() part.Command {
	var states []part.Option
	for _, c := range m.Columns {
		states = append(states, part.Option{Value: c.State, Label: c.Title})
	}
	return part.Command{
		ID: "move-dialog", Title: "Move epic", Path: m.Move, Submit: "Move",
		Fields: []part.Field{
			{Name: "to", Label: "To", Kind: "select", Required: true, Options: states},
			{Name: "reason", Label: "Reason", Kind: "area", Hint: "Needed to go back, to reject, and to go over a limit."},
			{Name: "override", Label: "Go over the limit of the column", Kind: "check", Hint: "It is recorded with your reason."},
		},
	}
}

func current(on bool) string {
	if on {
		return "true"
	}
	return "false"
}
