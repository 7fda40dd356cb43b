package command_test

import (
	"context"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// door is a small aggregate with one command for each way to register one. It
// stands in the backlog context, since only real contexts have proposals.
type door struct {
	Key, Name, Colour, Team string
	Opened                  int
	Locked                  bool
}

func (s door) Scope() rights.Scope { return rights.Scope{Team: s.Team} }

type doorHung struct{ Key, Name, Team string }
type doorOpened struct{ Times int }
type doorPainted struct{ Colour string }
type doorLocked struct{}
type doorRenamed struct{ Name string }

func (e doorHung) Evolve(s door) door    { s.Key, s.Name, s.Team = e.Key, e.Name, e.Team; return s }
func (e doorOpened) Evolve(s door) door  { s.Opened += e.Times; return s }
func (e doorPainted) Evolve(s door) door { s.Colour = e.Colour; return s }
func (e doorLocked) Evolve(s door) door  { s.Locked = true; return s }
func (e doorRenamed) Evolve(s door) door { s.Name = e.Name; return s }

var doors = &es.Aggregate[door]{Context: "backlog", Name: "door", Plural: "doors", Schema: es.NewSchema(
	es.On[doorHung]("backlog.door.hung.v1"),
	es.On[doorOpened]("backlog.door.opened.v1"),
	es.On[doorPainted]("backlog.door.painted.v1"),
	es.On[doorLocked]("backlog.door.locked.v1"),
	es.On[doorRenamed]("backlog.door.renamed.v1"),
)}

var (
	errHung      = fail.Refused("door-hung", "this door is there already; open it")
	errLocked    = fail.Refused("door-locked", "this door is locked; take another")
	errNeighbour = fail.Refused("door-neighbour-open", "lock the neighbour first")
)

type hang struct {
	Name string `json:"name"`
	Team string `json:"team,omitempty"`
}

func (c hang) Scope() rights.Scope { return rights.Scope{Team: c.Team} }

func (c hang) Decide(s door, m es.Meta) ([]es.Event[door], error) {
	switch {
	case c.Name == "":
		return nil, fail.Invalid("name", "a door needs a name")
	case s.Name == c.Name:
		return nil, nil
	case s.Name != "":
		return nil, errHung
	}
	return es.Happened[door](doorHung{m.Key, c.Name, c.Team})
}

// hangNamed is hang with the door's id made of its name.
type hangNamed struct{ hang }

type open struct {
	Times int `json:"times"`
}

const unlucky = 13

func (c open) Decide(s door, _ es.Meta) ([]es.Event[door], error) {
	switch {
	case c.Times == unlucky:
		panic("thirteen")
	case s.Locked:
		return nil, errLocked
	case c.Times == 0:
		return nil, nil
	}
	return es.Happened[door](doorOpened(c))
}

type paint struct {
	Colour string `json:"colour"`
}

func (c paint) Decide(s door, _ es.Meta) ([]es.Event[door], error) {
	switch {
	case s.Locked:
		return nil, errLocked
	case s.Colour == c.Colour:
		return nil, nil
	}
	return es.Happened[door](doorPainted(c))
}

// lock is only for a door whose neighbour is locked, if it has one.
type lock struct {
	Neighbour       es.ID[door] `json:"neighbour,omitempty"`
	NeighbourLocked bool        `json:"-"`
}

func (c lock) Decide(s door, _ es.Meta) ([]es.Event[door], error) {
	if c.Neighbour != "" && !c.NeighbourLocked {
		return nil, errNeighbour
	}
	if s.Locked {
		return nil, nil
	}
	return es.Happened[door](doorLocked{})
}

type rename struct {
	Name string `json:"name"`
}

func (c rename) Decide(s door, _ es.Meta) ([]es.Event[door], error) {
	if s.Name == c.Name {
		return nil, nil
	}
	return es.Happened[door](doorRenamed(c))
}

const (
	mayHang   rights.Decision = "story.define"
	mayPaint  rights.Decision = "feature.define"
	mayRename rights.Decision = "feature.accept"
)

var specs = []command.Spec{
	command.Create[hang](doors, "hang", mayHang, "Hang a door.", command.Numbered[door, hang]("D")),
	command.Create[hangNamed](doors, "hang-named", "", "Hang a door with a name of its own.", command.Keyed(
		func(m es.Meta, c hangNamed) es.ID[door] { return es.DeriveID[door](m.Tenant.String(), "door", c.Name) })),
	command.On[open](doors, "open", "", "Open a door."),
	command.On[paint](doors, "paint", mayPaint, "Paint a door."),
	command.On[rename](doors, "rename", mayRename, "Give a door another name.", command.Strict[door, rename]()),
	command.On[lock](doors, "lock", "", "Lock a door after its neighbour.", command.Facts(
		func(ctx context.Context, w *command.World, m es.Meta, _ es.ID[door], _ door, c lock) (lock, error) {
			if c.Neighbour == "" {
				return c, nil
			}
			s, version, err := command.State(ctx, w, doors, m.Tenant, c.Neighbour)
			if err == nil && version == 0 {
				err = fail.NotFound("door", c.Neighbour.String())
			}
			c.NeighbourLocked = s.Locked
			return c, err
		})),
	command.On[lock](doors, "seal", "", "Lock a door without asking.", command.Internal[door, lock]()),
}
