package backlog

import (
	"maps"
	"slices"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// IterationImported: the iteration as it is in its source.
type IterationImported struct {
	Source  Origin            `json:"source"`
	Team    TeamID            `json:"team,omitempty"`
	Name    string            `json:"name"`
	State   IterationState    `json:"state"`
	Start   Day               `json:"start,omitempty"`
	End     Day               `json:"end,omitempty"`
	Started *time.Time        `json:"started,omitempty"`
	Ended   *time.Time        `json:"ended,omitempty"`
	Goal    string            `json:"goal,omitempty"`
	Hashes  map[string]string `json:"hashes"`
}

func (e IterationImported) Evolve(Iteration) Iteration {
	return Iteration{State: e.State, Team: e.Team, Name: e.Name, Start: e.Start, End: e.End, Goal: e.Goal, Started: e.Started, Ended: e.Ended,
		Imported: &ImportedFrom{e.Source, e.Hashes}}
}

// IterationSynced: the iteration changed in its source. The state and the
// moments are as there unless they changed only here; name, days and goal are
// in the events before it.
type IterationSynced struct {
	Source  Origin            `json:"source"`
	Team    TeamID            `json:"team,omitempty"`
	State   IterationState    `json:"state"`
	Started *time.Time        `json:"started,omitempty"`
	Ended   *time.Time        `json:"ended,omitempty"`
	Changed []string          `json:"changed"`
	Hashes  map[string]string `json:"hashes,omitempty"`
}

func (e IterationSynced) Evolve(s Iteration) Iteration {
	s.State, s.Team, s.Started, s.Ended = e.State, e.Team, e.Started, e.Ended
	if s.Imported == nil {
		return s
	}
	i := ImportedFrom{e.Source, maps.Clone(s.Imported.Hashes)}
	for _, name := range e.Changed {
		if h, there := e.Hashes[name]; there {
			i.Hashes[name] = h
		} else {
			delete(i.Hashes, name)
		}
	}
	s.Imported = &i
	return s
}

// ImportedFrom is what was last seen of an iteration in its source.
type ImportedFrom struct {
	Origin
	Hashes map[string]string `json:"hashes"`
}

// ImportIteration carries a sprint as it is in its source, with whatever days
// it had there.
type ImportIteration struct {
	Source  Origin         `json:"source"`
	Team    TeamID         `json:"team,omitempty"`
	Name    string         `json:"name" minLength:"1" maxLength:"300"`
	State   IterationState `json:"state" enum:"planned,active,closed,cancelled"`
	Start   Day            `json:"start,omitempty" format:"date"`
	End     Day            `json:"end,omitempty" format:"date"`
	Started *time.Time     `json:"started,omitempty"`
	Ended   *time.Time     `json:"ended,omitempty"`
	Goal    string         `json:"goal,omitempty" maxLength:"65536"`
}

func (c ImportIteration) fields() []field {
	return []field{{"team", c.Team}, {"name", c.Name}, {"state", c.State}, {"start", c.Start}, {"end", c.End},
		{"started", inUTC(c.Started)}, {"ended", inUTC(c.Ended)}, {"goal", c.Goal}, {"source", c.Source}}
}

func (c ImportIteration) check() error {
	if err := first(c.Source.check(), checkText("name", c.Name, 1, maxTitle), checkText("goal", c.Goal, 0, maxText)); err != nil {
		return err
	}
	states := []IterationState{IterationPlanned, IterationActive, IterationIsClosed, IterationIsCancelled}
	if !slices.Contains(states, c.State) {
		return fail.Invalid("state", "one of %s", words(states))
	}
	for _, d := range []struct {
		field string
		day   Day
	}{{"start", c.Start}, {"end", c.End}} {
		if d.day == "" {
			continue
		}
		if err := d.day.check(d.field); err != nil {
			return err
		}
	}
	return nil
}

func (c ImportIteration) Decide(s Iteration, _ es.Meta) ([]es.Event[Iteration], error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	now := hashes(c.fields())
	switch {
	case !s.Exists():
		return fitting[Iteration](IterationImported{c.Source, c.Team, c.Name, c.State, c.Start, c.End, c.Started, c.Ended, c.Goal, now})
	case s.Imported == nil:
		return nil, ErrIterationExists
	}
	changed := moved(s.Imported.Hashes, now)
	if len(changed) == 0 {
		return nil, nil
	}
	did := func(name string) bool { return slices.Contains(changed, name) }
	var events []es.Event[Iteration]
	days := IterationRescheduled{s.Name, s.Start, s.End}
	if did("name") {
		days.Name = c.Name
	}
	if did("start") {
		days.Start = c.Start
	}
	if did("end") {
		days.End = c.End
	}
	if days != (IterationRescheduled{s.Name, s.Start, s.End}) {
		events = append(events, days)
	}
	if did("goal") && s.Goal != c.Goal {
		events = append(events, GoalSet{Goal: c.Goal, Was: s.Goal})
	}
	e := IterationSynced{Source: c.Source, Team: s.Team, State: s.State, Started: s.Started, Ended: s.Ended, Changed: changed, Hashes: map[string]string{}}
	if did("team") {
		e.Team = c.Team
	}
	if did("state") {
		e.State = c.State
	}
	if did("started") {
		e.Started = c.Started
	}
	if did("ended") {
		e.Ended = c.Ended
	}
	for _, name := range changed {
		if h, there := now[name]; there {
			e.Hashes[name] = h
		}
	}
	return fitting(append(events, e)...)
}
