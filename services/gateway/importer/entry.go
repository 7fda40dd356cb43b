package importer

import (
	"strings"
	"time"

	"throughline.dev/services/backlog"
	"throughline.dev/services/gateway/jira"
)

// outcome is what became of a row's item itself.
type outcome uint8

const (
	waiting outcome = iota
	taken
	refused
)

// entry is what the import remembers of a row: what it refers to.
type entry struct {
	key, file string
	number    string // Jira's own
	row       int    // in its file
	kind      backlog.Kind
	sub       bool // a sub-task in Jira
	done      bool // closed there
	outcome   outcome
	existed   bool // before this row
	changed   bool
	older     bool // a newer row with the same key is in the export
	item      *made

	project                      *project
	parentKey, parentID, epicKey string
	links                        []jira.Link
	sprints                      []*sprint
	updated                      time.Time // else created

	// The second pass fills these in.
	above       parent
	walk, level int
}

// made is what the rows with one key share: whether one of them made the item.
type made struct{ yes bool }

// enter remembers an issue.
func (r *run) enter(i jira.Issue, file string) *entry {
	key := i.Key
	if key == "" {
		key = i.ID
	}
	e := &entry{key: strings.Clone(key), file: r.same(file), number: strings.Clone(i.ID), row: i.Row,
		parentKey: r.same(i.ParentKey), parentID: r.same(i.ParentID), epicKey: r.same(i.EpicKey), updated: i.Updated}
	if e.updated.IsZero() {
		e.updated = i.Created
	}
	e.kind, e.sub = kindOf(i)
	e.project = r.projectOf(i)
	for _, l := range i.Links {
		e.links = append(e.links, jira.Link{Type: r.same(l.Type), Direction: l.Direction, Phrase: r.same(l.Phrase), Key: strings.Clone(l.Key)})
	}
	e.done = closed(i)
	for n, s := range i.Sprints {
		e.sprints = append(e.sprints, r.sprintOf(e, s, n == len(i.Sprints)-1, i))
	}
	r.rows = append(r.rows, e)
	e.item = &made{}
	if old := r.entries[e.key]; old != nil {
		e.item = old.item
		if e.updated.Before(old.updated) {
			e.older = true
			return e
		}
		old.older = true
	}
	r.entries[e.key] = e
	if e.number != "" {
		r.numbers[e.number] = e
	}
	return e
}

// parentSeen returns the row of the parent that Jira names, if it was read.
func (r *run) parentSeen(e *entry) *entry {
	if p := r.entries[e.parentKey]; p != nil && e.parentKey != "" {
		return p
	}
	if p := r.numbers[e.parentID]; p != nil && e.parentID != "" {
		return p
	}
	return nil
}

// settle decides what a sub-task becomes, given what it is part of.
func (e *entry) settle(above *entry) {
	if !e.sub {
		return
	}
	e.kind = backlog.Story
	if above != nil && above != e && !above.sub && (above.kind == backlog.Story || above.kind == backlog.Bug) {
		e.kind = backlog.Task
	}
}

// here tells whether the item of a row is in the plan.
func (e *entry) here() bool { return e.outcome == taken || e.existed }

// when is the time that what is known of a row holds for.
func (e *entry) when() time.Time { return e.updated }
