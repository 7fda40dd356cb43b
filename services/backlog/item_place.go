package backlog

import (
	"slices"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// ItemAssigned: these people do it, nobody else.
type ItemAssigned struct {
	People []es.PersonID `json:"people"`
	Was    []es.PersonID `json:"was,omitempty"`
}

func (e ItemAssigned) Evolve(s Item) Item { s.People = e.People; return s }

// ItemLabelled: labels came and went.
type ItemLabelled struct {
	Added   []string `json:"added,omitempty"`
	Removed []string `json:"removed,omitempty"`
}

func (e ItemLabelled) Evolve(s Item) Item {
	s.Labels = slices.DeleteFunc(slices.Clone(s.Labels), func(l string) bool { return slices.Contains(e.Removed, l) })
	s.Labels = append(s.Labels, e.Added...)
	return s
}

// CustomSet: a field of the organisation's own; no values: it is empty.
type CustomSet struct {
	Field  string   `json:"field"`
	Values []string `json:"values,omitempty"`
}

func (e CustomSet) Evolve(s Item) Item {
	if len(e.Values) == 0 {
		s.Custom = es.Minus(s.Custom, e.Field)
	} else {
		s.Custom = es.Plus(s.Custom, e.Field, e.Values)
	}
	return s
}

// TeamSet: the team does it; none: nobody yet.
type TeamSet struct {
	Team TeamID `json:"team,omitempty"`
	Was  TeamID `json:"was,omitempty"`
}

func (e TeamSet) Evolve(s Item) Item { s.Team, s.Column, s.Checks = e.Team, "", nil; return s }

// ProductSet: the item is for a product.
type ProductSet struct {
	Product ProductID `json:"product,omitempty"`
	Was     ProductID `json:"was,omitempty"`
}

func (e ProductSet) Evolve(s Item) Item { s.Product = e.Product; return s }

// ARTSet: the item is in the backlog of a train.
type ARTSet struct {
	ART ARTID `json:"art,omitempty"`
	Was ARTID `json:"was,omitempty"`
}

func (e ARTSet) Evolve(s Item) Item { s.ART = e.ART; return s }

// ItemCommented: somebody said something.
type ItemCommented struct {
	ID       es.ID[Comment] `json:"id"`
	Text     string         `json:"text"`
	Mentions []es.PersonID  `json:"mentions,omitempty"`
}

// Evolve leaves the state alone: no decision rests on what was said.
func (e ItemCommented) Evolve(s Item) Item { return s }

// Comment names what somebody said.
type Comment struct{}

// Assign says who does it.
type Assign struct {
	People []es.PersonID `json:"people" maxItems:"200" doc:"Everybody who does it; empty: nobody."`
}

func (c Assign) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	people := distinct(c.People)
	switch {
	case s.State == Cancelled:
		return nil, ErrCancelled
	case len(people) > maxList:
		return nil, fail.Invalid("people", "at most %d", maxList)
	case slices.Contains(people, ""):
		return nil, fail.Invalid("people", "every entry is the id of a person")
	case slices.Equal(people, s.People):
		return nil, nil
	}
	return es.Happened(ItemAssigned{people, s.People})
}

// Label adds and removes labels.
type Label struct {
	Add    []string `json:"add,omitempty" maxItems:"200"`
	Remove []string `json:"remove,omitempty" maxItems:"200"`
}

func (c Label) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	if err := first(checkLabels("add", c.Add), checkLabels("remove", c.Remove)); err != nil {
		return nil, err
	}
	var e ItemLabelled
	for _, l := range distinct(c.Add) {
		if slices.Contains(c.Remove, l) {
			return nil, fail.Invalid("remove", "%q is to be added and removed", l)
		}
		if !slices.Contains(s.Labels, l) {
			e.Added = append(e.Added, l)
		}
	}
	for _, l := range distinct(c.Remove) {
		if slices.Contains(s.Labels, l) {
			e.Removed = append(e.Removed, l)
		}
	}
	switch {
	case len(e.Added)+len(e.Removed) == 0:
		return nil, nil
	case len(s.Labels)+len(e.Added)-len(e.Removed) > maxList:
		return nil, fail.Invalid("add", "an item has at most %d labels", maxList)
	}
	return es.Happened(e)
}

// SetCustom sets a field of the organisation's own.
type SetCustom struct {
	Field  string   `json:"field" minLength:"1" maxLength:"300"`
	Values []string `json:"values,omitempty" maxItems:"200" doc:"None: the field is emptied."`
}

func (c SetCustom) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	if err := checkText("field", c.Field, 1, maxTitle); err != nil {
		return nil, err
	}
	if len(c.Values) > maxList {
		return nil, fail.Invalid("values", "at most %d", maxList)
	}
	for i, v := range c.Values {
		if err := checkText(at("values", i), v, 0, maxText); err != nil {
			return nil, err
		}
	}
	if _, there := s.Custom[c.Field]; !there && len(c.Values) > 0 && len(s.Custom) >= 1000 {
		return nil, fail.Invalid("field", "an item has at most 1000 custom fields")
	}
	if slices.Equal(c.Values, s.Custom[c.Field]) {
		return nil, nil
	}
	return fitting[Item](CustomSet(c))
}

// SetTeam gives the item to a team.
type SetTeam struct {
	Team TeamID `json:"team,omitempty" doc:"None: it is no team's."`

	TeamGone bool `json:"-"` // the team is unknown or disbanded
}

// Right asks for the right to define an item of the kind.
func (SetTeam) Right(s Item) rights.Decision { return define(s.Kind, s.Enabler) }

func (c SetTeam) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	switch {
	case s.Team == c.Team:
		return nil, nil
	case s.open() != nil:
		return nil, s.open()
	case c.Team != "" && c.TeamGone:
		return nil, ErrTeamUnknown
	case s.Iteration != "":
		return nil, ErrStillPlanned
	}
	return s.queued(TeamSet{c.Team, s.Team}), nil
}

// SetProduct says which product the item is for.
type SetProduct struct {
	Product ProductID `json:"product,omitempty" doc:"None: it is for no product."`
}

// Right asks for the right to define an item of the kind.
func (SetProduct) Right(s Item) rights.Decision { return define(s.Kind, s.Enabler) }

func (c SetProduct) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	switch {
	case s.Product == c.Product:
		return nil, nil
	case s.State == Cancelled:
		return nil, ErrCancelled
	}
	return s.queued(ProductSet{c.Product, s.Product}), nil
}

// SetART puts the item into the backlog of a train.
type SetART struct {
	ART ARTID `json:"art,omitempty" doc:"None: it is in no train's backlog."`
}

// Right asks for the right to define an item of the kind.
func (SetART) Right(s Item) rights.Decision { return define(s.Kind, s.Enabler) }

func (c SetART) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	switch {
	case s.ART == c.ART:
		return nil, nil
	case s.open() != nil:
		return nil, s.open()
	}
	return es.Happened(ARTSet{c.ART, s.ART})
}

// AddComment says something about the item.
type AddComment struct {
	Text     string        `json:"text" minLength:"1" maxLength:"65536"`
	Mentions []es.PersonID `json:"mentions,omitempty" maxItems:"200"`
}

func (c AddComment) Decide(_ Item, m es.Meta) ([]es.Event[Item], error) {
	if err := checkText("text", c.Text, 1, maxText); err != nil {
		return nil, err
	}
	if len(c.Mentions) > maxList {
		return nil, fail.Invalid("mentions", "at most %d", maxList)
	}
	return fitting[Item](ItemCommented{es.MetaID[Comment](m, 0), c.Text, distinct(c.Mentions)})
}
