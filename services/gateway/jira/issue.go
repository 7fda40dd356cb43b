package jira

import "time"

// Issue is one Jira issue as the export tells it: nothing is renamed, guessed
// or resolved against other issues. A zero time, an empty string and a nil
// slice mean that the export does not say. Times without a zone are UTC.
type Issue struct {
	Row int // 1 is the first issue of the file

	Key string // "ALOY-12"; empty only if the export has no key column, then ID is set
	ID  string // Jira's own number

	Type      string // as written: "Sous-tâche"
	Kind      string // epic, story, task, bug, subtask, feature, improvement, initiative, or "" for a type of the site's own
	Subtask   bool
	TypeLevel *int // Jira's hierarchy level where known: 1 epic, 0 standard, -1 sub-task, more is above epics

	Summary        string
	Description    string // wiki markup; an Atlassian document (REST v3) is turned into it
	Status         string // as written
	StatusCategory string // todo, doing, done, or "" when neither the export nor a default status says
	Resolution     string
	Priority       string

	Project                     Project
	Reporter, Creator, Assignee Person

	Created, Updated, Resolved, Start, Due time.Time
	StatusCategoryChanged                  time.Time // when it entered StatusCategory

	Labels, Components           []string
	FixVersions, AffectsVersions []Version

	// The parent may be given by key, by number or both, and need not be in
	// the file; ParentSummary is then all that is known of it.
	ParentKey, ParentID, ParentSummary string
	EpicKey, EpicName                  string // the epic it belongs to; an epic's own short name
	Subtasks                           []string
	Links                              []Link

	Points  *float64
	Sprints []Sprint // in the export's order; the last one is the current
	Rank    string   // LexoRank: compares as text
	Flagged bool

	Time     Time
	Worklogs []Worklog

	Comments    []Comment
	Attachments []Attachment
	Watchers    []Person
	WatchCount  int // may exceed len(Watchers): Jira often tells only the number
	Votes       int

	History []Change // oldest first; only from expand=changelog

	// Custom holds every value that has no field here, by the name of its
	// column or field ("Team", "customfield_10200").
	Custom map[string][]string

	// Notes say what was not taken whole and why.
	Notes []string
}

// Person is somebody as the export names them; each part may be missing.
type Person struct {
	Key   string // Cloud: account id; Server: user key or user name
	Name  string
	Email string
}

// IsZero says that the export names nobody.
func (p Person) IsZero() bool { return p == Person{} }

// Project is the project that an issue belongs to.
type Project struct {
	Key, Name, ID, Type, Description, URL string
	Lead                                  Person
}

// Version is a release of a project.
type Version struct {
	ID, Name, Description string
	Start, Release        time.Time
	Released, Archived    bool
}

// Sprint is a sprint; a CSV export tells only its name.
type Sprint struct {
	ID, Name, State, Goal, Board string // State: future, active, closed
	Start, End, Complete         time.Time
}

// Direction is the side of a link that the other issue is on.
type Direction string

const (
	Inward  Direction = "inward"  // this issue "is blocked by" Key
	Outward Direction = "outward" // this issue "blocks" Key
)

// Link is a link to another issue, seen from this one.
type Link struct {
	Type      string // "Blocks"
	Direction Direction
	Phrase    string // "is blocked by"; empty in CSV
	Key       string
}

// Time is Jira's time tracking, in seconds; the sums include sub-tasks.
type Time struct {
	Original, Remaining, Spent          int64
	SumOriginal, SumRemaining, SumSpent int64
}

// Worklog is one entry of logged work.
type Worklog struct {
	ID      string
	Author  Person
	At      time.Time
	Seconds int64
	Text    string
}

// Comment is one comment, its text in wiki markup.
type Comment struct {
	ID     string // empty in CSV
	Author Person
	At     time.Time
	Text   string
}

// Attachment describes a file; the file itself is not in an export.
type Attachment struct {
	ID, Name, URL, MIME string
	Author              Person
	At                  time.Time
	Size                int64 // bytes
}

// Change is one changed field of one entry of the history.
type Change struct {
	At              time.Time
	Author          Person
	Field, From, To string // as people read them: "status", "Open", "Done"
}

// Column is a column or field that has no place in Issue. Its values are in
// Issue.Custom under Name.
type Column struct {
	Name   string
	Values int    // accepted rows that had one; 0 for a CSV column that is empty throughout
	Sample string // the first value, at most 80 characters
}
