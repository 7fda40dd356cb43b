package importer

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"throughline.dev/services/backlog"
	"throughline.dev/services/gateway/jira"
)

// sprint is a sprint as all rows together tell it.
type sprint struct {
	jira.Sprint
	key   string
	id    backlog.IterationID
	told  bool // its state is in the export
	open  bool // of a CSV: some issue is in it and not closed
	begun bool // of a CSV: some issue in it is begun or closed
}

// sprintOf remembers a sprint. One without a number, as in a CSV, is named by
// its project and its name.
func (r *run) sprintOf(e *entry, s jira.Sprint, last bool, i jira.Issue) *sprint {
	key := "sprint " + s.ID
	if s.ID == "" {
		key = "sprint " + e.project.key + "/" + s.Name
	}
	one := r.sprints[key]
	if one == nil {
		key = clip(strings.Clone(key), maxName)
		one = &sprint{key: key, id: backlog.ImportedIteration(r.Tenant, r.source, key)}
		one.ID = strings.Clone(s.ID)
		r.sprints[key] = one
	}
	// Rows were written at different times; the furthest state is the latest.
	newer := stage(s.State) > stage(one.State) || stage(s.State) == stage(one.State) && cmp.Compare(s.Name, one.Name) > 0
	if newer || one.Name == "" {
		one.Name, one.State, one.Goal = strings.Clone(s.Name), r.same(s.State), strings.Clone(s.Goal)
	}
	one.Start, one.End, one.Complete = latest(one.Start, s.Start), latest(one.End, s.End), latest(one.Complete, s.Complete)
	one.told = one.told || s.State != ""
	if last {
		category, _ := categoryOf(i)
		one.open = one.open || category != "done"
		one.begun = one.begun || category != "todo"
	} else {
		one.begun = true
	}
	return one
}

func stage(state string) int { return slices.Index([]string{"future", "active", "closed"}, state) }

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// settle says how a sprint stands of which the export has only the name: over
// when nothing in it is open, active when something in it was begun.
func (s *sprint) settle() {
	switch {
	case s.told:
	case !s.open:
		s.State = "closed"
	case s.begun:
		s.State = "active"
	default:
		s.State = "future"
	}
}

var sprintStates = map[string]backlog.IterationState{
	"future": backlog.IterationPlanned, "active": backlog.IterationActive, "closed": backlog.IterationIsClosed,
}

// placeSprints makes the iterations.
func (r *run) placeSprints(ctx context.Context) error {
	l := openLanes(ctx)
	var err error
	for _, key := range slices.Sorted(maps.Keys(r.sprints)) {
		s := r.sprints[key]
		s.settle()
		if r.DryRun {
			continue
		}
		if err = l.do(key, 0, func(ctx context.Context) error { return r.placeSprint(ctx, s) }); err != nil {
			break
		}
	}
	return l.wait(err)
}

func (r *run) placeSprint(ctx context.Context, s *sprint) error {
	c := backlog.ImportIteration{Source: backlog.Origin{System: r.source, Key: s.key, ID: s.ID, Type: "sprint"},
		Name: clip(strings.TrimSpace(s.Name), maxName), State: sprintStates[s.State], Start: day(s.Start), End: day(s.End), Goal: clip(s.Goal, 65_536)}
	if c.Name == "" {
		c.Name = clip(s.key, maxName)
	}
	if s.State != "future" {
		c.Started = moment(s.Start)
	}
	if s.State == "closed" {
		if c.Ended = moment(s.Complete); c.Ended == nil {
			c.Ended = moment(s.End)
		}
	}
	occurred := s.Start
	if s.State == "closed" && !s.Complete.IsZero() {
		occurred = s.Complete
	}
	_, _, err := r.send(ctx, importIteration, "", c, occurred)
	if reason, ours := reasonOf(err); ours {
		r.report.note(nil, "sprint "+c.Name+" was not taken: "+reason)
		return nil
	} else if err != nil {
		return failed("import sprint", s.key, err)
	}
	return nil
}
