// Package item is the page of one epic or work item: what it is, what it hangs
// on, what hangs on it, who asked for it and everything that ever happened to
// it.
package item

import (
	"strings"
	"time"

	"throughline.dev/services/gateway/web/part"
)

// Model is the item as it is shown.
type Model struct {
	Live             part.Live
	ID, Kind, Key    string
	Title            string
	Description      string // plain text; its line breaks are kept
	State, Phase     string
	Blocked          string
	Progress         part.Progress
	Owner            part.Person
	Fields           []Field
	Sections         []Section // more texts, below the description
	Criteria         []Criterion
	Line             []part.Ref // from the vision down to this item's parent
	Children         []Child
	More             int // children that are not in Children
	Links            []Link
	Feedback         []Feedback
	Requesters       int
	Custom           []part.Pair // fields of the source that have no place of their own
	SourceName       string      // such as "Jira"
	SourceKey        string
	SourceURL        string
	History          []Event     // newest first
	HistoryURL       string      // the rest of it; "" is all
	Diffs            []part.Diff // against the moment that is compared with
	Commands         []part.Command
	Created, Updated time.Time
}

// Section is a text with a title.
type Section struct{ Title, Text string }

func (m Model) paragraphs() []string { return paragraphs(m.Description) }

func paragraphs(text string) []string {
	var all []string
	for _, p := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if p = strings.Trim(p, "\n"); strings.TrimSpace(p) != "" {
			all = append(all, p)
		}
	}
	return all
}

// Field is a named value; URL makes it a link.
type Field struct{ Name, Value, URL string }

// Criterion is one acceptance criterion.
type Criterion struct {
	Text string
	Met  bool
}

func (m Model) met() int {
	n := 0
	for _, c := range m.Criteria {
		if c.Met {
			n++
		}
	}
	return n
}

// Child is something that hangs on the item.
type Child struct {
	Ref      part.Ref
	Phase    string
	Points   string
	Progress part.Progress
}

// Link is a relation that is not parent and child.
type Link struct {
	Type string // as it reads from here: "blocks", "is blocked by"
	Ref  part.Ref
}

// Feedback is what a customer said that hangs on the item.
type Feedback struct {
	Text, Customer, URL string
	Importance          string // "critical", "important", "nice to have"
	At                  time.Time
}

// Event is something that happened.
type Event struct {
	Position uint64
	N        int       // of the events at the position
	At       time.Time // when it happened
	Recorded time.Time // when it became known, if that is another time
	Who      part.Person
	As       string // the role acted in
	What     string // as a sentence: "moved to Analyzing"
	Reason   string
	Diffs    []part.Diff
	URL      string // the page as of then
}
