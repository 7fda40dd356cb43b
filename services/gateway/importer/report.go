package importer

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Report is what became of an import. Rows is the sum of created, updated,
// unchanged and refused.
type Report struct {
	Rows       int       `json:"rows"`
	Created    int       `json:"created"`
	Updated    int       `json:"updated"`
	Unchanged  int       `json:"unchanged"`
	Refused    []Refused `json:"refused"`
	Unmapped   []Column  `json:"unmapped"`
	Notes      []Note    `json:"notes"`
	NotesLeft  int       `json:"notesLeftOut,omitempty"` // beyond the first 20,000
	People     int       `json:"people"`                 // imported persons in the export
	Iterations int       `json:"iterations"`             // sprints in the export
	Epics      []Epic    `json:"epics"`
	Files      []File    `json:"skippedFiles,omitempty"`
	Seconds    float64   `json:"seconds"`
	DryRun     bool      `json:"dryRun"`
	Import     string    `json:"import"`             // correlation of all its commits
	Position   uint64    `json:"position,omitempty"` // reads given it show all of it
}

// Refused is a row that was not taken.
type Refused struct {
	Row    int    `json:"row"` // 1 is the first issue of its file
	Key    string `json:"key"`
	Reason string `json:"reason"`
	File   string `json:"file,omitempty"`
}

// Note is what of a row was not taken whole; row 0 is the whole export.
type Note struct {
	Row  int    `json:"row"`
	Key  string `json:"key"`
	Text string `json:"text"`
	File string `json:"file,omitempty"`
}

// Column is a column or field of the export without a place in the plan. Its
// values are kept as a custom field of that name.
type Column struct {
	Name   string `json:"name"`
	Values int    `json:"values"`
	Sample string `json:"sample"`
}

// Epic is the portfolio epic that a Jira project hangs under.
type Epic struct {
	Project     string `json:"project"`
	ID          string `json:"id"`
	Key         string `json:"key,omitempty"` // of one that was there before
	Title       string `json:"title"`
	Made        bool   `json:"made,omitempty"` // by this import
	WithoutEpic int    `json:"withoutEpic"`    // rows under the feature for what has no epic in Jira
}

// File is a file of several that was not read, or not to its end.
type File struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// maxNotes is how many notes a report holds.
const maxNotes = 20_000

// reporter gathers a report.
type reporter struct {
	mu      sync.Mutex
	refused []Refused
	notes   []Note
	left    int
	epics   []Epic
}

func (r *reporter) refuse(e *entry, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refused = append(r.refused, Refused{e.row, e.key, reason, e.file})
}

// note is about one row, or, with no entry, about the export.
func (r *reporter) note(e *entry, text string) {
	n := Note{Text: text}
	if e != nil {
		n = Note{e.row, e.key, text, e.file}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.notes) >= maxNotes {
		r.left++
		return
	}
	r.notes = append(r.notes, n)
}

func (r *reporter) epic(e Epic) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.epics = append(r.epics, e)
}

// summary closes the report.
func (r *run) summary(source Issues) Report {
	for _, text := range source.Notes() {
		r.report.note(nil, text)
	}
	out := Report{Rows: len(r.rows), Refused: []Refused{}, Unmapped: []Column{}, Notes: []Note{}, Epics: []Epic{},
		People: int(r.people.met.Load()), Iterations: len(r.sprints), DryRun: r.DryRun, Import: r.id, Position: r.stopped.Load()}
	for _, e := range r.rows {
		switch {
		case e.outcome != taken:
		case !e.existed:
			out.Created++
		case e.changed:
			out.Updated++
		default:
			out.Unchanged++
		}
	}
	out.Refused = append(out.Refused, r.report.refused...)
	out.Notes = append(out.Notes, r.report.notes...)
	out.Epics = append(out.Epics, r.report.epics...)
	out.NotesLeft = r.report.left
	slices.SortStableFunc(out.Refused, func(a, b Refused) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Row, b.Row)) })
	slices.SortStableFunc(out.Notes, func(a, b Note) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Row, b.Row), cmp.Compare(a.Text, b.Text))
	})
	for _, c := range source.Unmapped() {
		out.Unmapped = append(out.Unmapped, Column{c.Name, c.Values, c.Sample})
	}
	if f, several := source.(interface{ Skipped() []File }); several {
		out.Files = f.Skipped()
	}
	out.Seconds = float64(time.Since(r.began).Milliseconds()) / 1000
	return out
}

// count is the counter that a row counts in.
func (r *run) count(e *entry) *atomic.Int64 {
	switch {
	case !e.existed:
		return &r.created
	case e.changed:
		return &r.updated
	}
	return &r.unchanged
}
