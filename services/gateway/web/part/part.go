// Package part holds what several pages show: a person, a tag, progress, a
// change, a dialog that sends a command. Parts take plain values, so that a
// view model is flat, comparable and can be written down in a test.
package part

import (
	"math"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/a-h/templ"
)

// Live makes an element follow the log: it fetches itself anew as soon as its
// view has passed Position.
type Live struct {
	View     string   // name in the live stream, such as "kanban"
	Keys     []string // documents it shows, such as "item/…"; none means all of the view
	Position uint64   // position of the view when it was read
	URL      string   // where the element fetches itself, with filters
	Past     bool     // a past moment is shown: nothing moves, nothing is sent
}

// Attrs are the attributes of the live element. A past moment has none that
// could fetch or send.
func (l Live) Attrs() templ.Attributes {
	a := templ.Attributes{
		"data-view":     l.View,
		"data-position": strconv.FormatUint(l.Position, 10),
	}
	if l.Past {
		a["data-past"] = true
		return a
	}
	if len(l.Keys) > 0 {
		a["data-keys"] = strings.Join(l.Keys, " ")
	}
	a["hx-get"] = l.URL
	a["hx-trigger"] = "live from:body"
	a["hx-swap"] = "outerMorph"
	a["hx-sync"] = "this:replace"
	return a
}

// Person is somebody who owns or did something.
type Person struct{ ID, Name string }

// Initials are the first letters of the first and the last word of a name.
func (p Person) Initials() string {
	words := strings.FieldsFunc(p.Name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' })
	switch len(words) {
	case 0:
		return "?"
	case 1:
		return strings.ToUpper(first(words[0]))
	}
	return strings.ToUpper(first(words[0]) + first(words[len(words)-1]))
}

func first(word string) string {
	for _, r := range word {
		return string(r)
	}
	return ""
}

// Ref points to an item from another.
type Ref struct {
	Key, Title, Kind, State, URL string
	Version                      uint64 `json:",omitempty"`
}

// Option is one choice of a filter or a field.
type Option struct{ Value, Label string }

// Diff is one field that differs between two moments.
type Diff struct{ Field, Old, New string }

// Progress is done out of total, in points or, where nothing is estimated, in
// items.
type Progress struct {
	Done, Total float64
	Unit        string // "points" or "items"
}

// Percent is 0…100, rounded down so that only what is finished shows 100.
func (p Progress) Percent() int {
	if p.Total <= 0 {
		return 0
	}
	return int(math.Floor(math.Min(1, math.Max(0, p.Done/p.Total)) * 100))
}

// Number writes a figure with at most one decimal.
func Number(f float64) string {
	return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64)
}

// Count writes a whole number with thousands set apart.
func Count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

// Plural is "1 epic" or "3 epics".
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// Days writes a whole number of days.
func Days(n int) string { return strconv.Itoa(n) + " d" }

// Date and Moment are how every page writes times, in the zone they carry.
func Date(t time.Time) string   { return t.Format("2 Jan 2006") }
func Moment(t time.Time) string { return t.Format("2 Jan 2006, 15:04 MST") }

// Query is path with its query, in which set replaces values and an empty
// value removes one: Query("/kanban", q, "asOf", "").
func Query(path string, query url.Values, set ...string) string {
	q := url.Values{}
	for name, values := range query {
		q[name] = values
	}
	for i := 0; i+1 < len(set); i += 2 {
		if set[i+1] == "" {
			q.Del(set[i])
		} else {
			q.Set(set[i], set[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// Pair is a name and a value in the order they are shown.
type Pair struct{ Name, Value string }

// Pairs sorts a map by name.
func Pairs(m map[string]string) []Pair {
	pairs := make([]Pair, 0, len(m))
	for name, value := range m {
		pairs = append(pairs, Pair{name, value})
	}
	sort.Slice(pairs, func(i, j int) bool { return pairs[i].Name < pairs[j].Name })
	return pairs
}

// icons of the kinds of thing that a plan is made of.
var icons = map[string]string{
	"vision": "telescope", "theme": "compass", "objective": "target", "epic": "layers", "capability": "layers",
	"feature": "puzzle", "story": "bookmark", "bug": "bug", "enabler": "wrench", "task": "check-square",
	"feedback": "message", "insight": "lightbulb", "idea": "lightbulb", "goal": "target",
}

func icon(kind string) string {
	if name, ok := icons[kind]; ok {
		return name
	}
	return "bookmark"
}
