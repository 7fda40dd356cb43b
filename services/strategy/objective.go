package strategy

import (
	"slices"
	"strings"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// Objectives are objectives with their key results inside (domain.md §2.11).
var Objectives = &es.Aggregate[Objective]{Context: "strategy", Name: "objective", Plural: "objectives", Schema: ObjectiveSchema}

// ObjectiveID names an objective.
type ObjectiveID = es.ID[Objective]

// ObjectiveSchema holds the stored names. Never change a stored name; add one.
var ObjectiveSchema = es.NewSchema(
	es.On[ObjectiveDefined]("strategy.objective.defined.v1"),
	es.On[ObjectiveRevised]("strategy.objective.revised.v1"),
	es.On[ObjectiveThemeSet]("strategy.objective.theme-set.v1"),
	es.On[ObjectiveParentSet]("strategy.objective.parent-set.v1"),
	es.On[KeyResultAdded]("strategy.objective.key-result-added.v1"),
	es.On[KeyResultRebased]("strategy.objective.key-result-rebased.v1"),
	es.On[KeyResultDropped]("strategy.objective.key-result-dropped.v1"),
	es.On[KeyResultCheckedIn]("strategy.objective.key-result-checked-in.v1"),
	es.On[ObjectiveGraded]("strategy.objective.graded.v1"),
	es.On[ObjectiveClosed]("strategy.objective.closed.v1"),
)

// ObjectiveDefined says that there is a new objective.
type ObjectiveDefined struct {
	Key       string      `json:"key"`
	Portfolio PortfolioID `json:"portfolio,omitempty"`
	Product   ProductID   `json:"product,omitempty"`
	Parent    ObjectiveID `json:"parent,omitempty"`
	Theme     ThemeID     `json:"theme,omitempty"`
	ObjectiveText
}

func (e ObjectiveDefined) Evolve(s Objective) Objective {
	s.Key, s.State, s.Portfolio, s.Product = e.Key, ObjectiveDraft, e.Portfolio, e.Product
	s.Parent, s.Theme, s.ObjectiveText = e.Parent, e.Theme, e.ObjectiveText
	return s
}

// ObjectiveRevised carries what the objective says from now on.
type ObjectiveRevised struct{ ObjectiveText }

func (e ObjectiveRevised) Evolve(s Objective) Objective {
	s.ObjectiveText = e.ObjectiveText
	return s
}

// ObjectiveThemeSet says which theme the objective measures; empty: none.
type ObjectiveThemeSet struct {
	Theme ThemeID `json:"theme,omitempty"`
}

func (e ObjectiveThemeSet) Evolve(s Objective) Objective { s.Theme = e.Theme; return s }

// ObjectiveParentSet says which objective this one contributes to; empty: none.
type ObjectiveParentSet struct {
	Parent ObjectiveID `json:"parent,omitempty"`
}

func (e ObjectiveParentSet) Evolve(s Objective) Objective { s.Parent = e.Parent; return s }

// KeyResultAdded says that the objective has another key result. The first one
// makes it active.
type KeyResultAdded struct {
	KeyResult KeyResultID `json:"keyResult"`
	Measure
}

func (e KeyResultAdded) Evolve(s Objective) Objective {
	s.State = ObjectiveActive
	s.KeyResults = es.Added(s.KeyResults, KeyResult{ID: e.KeyResult, Measure: e.Measure})
	return s
}

// KeyResultRebased says that a key result starts or ends elsewhere now.
type KeyResultRebased struct {
	KeyResult KeyResultID `json:"keyResult"`
	Baseline  float64     `json:"baseline"`
	Target    float64     `json:"target"`
	Reason    string      `json:"reason"`
}

func (e KeyResultRebased) Evolve(s Objective) Objective {
	return s.changed(e.KeyResult, func(k KeyResult) KeyResult {
		k.Baseline, k.Target = e.Baseline, e.Target
		return k
	})
}

// KeyResultDropped says that the objective is no longer measured by it.
type KeyResultDropped struct {
	KeyResult KeyResultID `json:"keyResult"`
	Reason    string      `json:"reason"`
}

func (e KeyResultDropped) Evolve(s Objective) Objective {
	s.KeyResults = slices.DeleteFunc(slices.Clone(s.KeyResults), func(k KeyResult) bool { return k.ID == e.KeyResult })
	if len(s.KeyResults) == 0 {
		s.KeyResults, s.State = nil, ObjectiveDraft
	}
	return s
}

// KeyResultCheckedIn carries the value of a key result at a moment.
type KeyResultCheckedIn struct {
	KeyResult KeyResultID `json:"keyResult"`
	CheckIn
}

func (e KeyResultCheckedIn) Evolve(s Objective) Objective {
	return s.changed(e.KeyResult, func(k KeyResult) KeyResult {
		at, _ := slices.BinarySearchFunc(k.CheckIns, e.At, func(c CheckIn, t time.Time) int {
			if c.At.After(t) {
				return 1
			}
			return -1 // behind those of the same moment
		})
		k.CheckIns = slices.Insert(slices.Clone(k.CheckIns), at, e.CheckIn)
		return k
	})
}

// ObjectiveGraded says how well it went, from 0 to 1, next to the score that
// was computed at that moment.
type ObjectiveGraded struct {
	Grade float64     `json:"grade"`
	Score *float64    `json:"score,omitempty"`
	Note  string      `json:"note,omitempty"`
	By    es.PersonID `json:"by,omitempty"`
}

func (e ObjectiveGraded) Evolve(s Objective) Objective {
	s.State, s.Grade = ObjectiveIsGraded, &e.Grade
	return s
}

// ObjectiveClosed ends the objective.
type ObjectiveClosed struct {
	Reason string `json:"reason,omitempty"`
}

func (ObjectiveClosed) Evolve(s Objective) Objective { s.State = ObjectiveIsClosed; return s }

// ObjectiveState is draft, active, graded or closed.
type ObjectiveState string

const (
	ObjectiveDraft    ObjectiveState = "draft" // without a key result
	ObjectiveActive   ObjectiveState = "active"
	ObjectiveIsGraded ObjectiveState = "graded"
	ObjectiveIsClosed ObjectiveState = "closed"
)

// maxKeyResults is how many key results an objective may have.
const maxKeyResults = 5

// ObjectiveText is what an objective says.
type ObjectiveText struct {
	Title       string      `json:"title" minLength:"1" maxLength:"300"`
	Description string      `json:"description,omitempty" maxLength:"65536"`
	Kind        string      `json:"kind,omitempty" enum:"committed,aspirational" doc:"committed when left out."`
	Owner       es.PersonID `json:"owner,omitempty"`
	From        Day         `json:"from,omitempty" format:"date" doc:"First day of its period."`
	To          Day         `json:"to,omitempty" format:"date" doc:"Last day of its period."`
}

// checked fills in what was left out and refuses what no objective can say.
func (t ObjectiveText) checked() (ObjectiveText, error) {
	t.Title = strings.TrimSpace(t.Title)
	if t.Kind == "" {
		t.Kind = "committed"
	}
	if err := titled("title", t.Title); err != nil {
		return t, err
	}
	if err := oneOf("kind", t.Kind, "committed", "aspirational"); err != nil {
		return t, err
	}
	if t.From != "" || t.To != "" {
		if err := t.From.check("from"); err != nil {
			return t, err
		}
		if err := t.To.check("to"); err != nil {
			return t, err
		}
		if t.To < t.From {
			return t, fail.Invalid("to", "the period ends before it starts")
		}
	}
	return t, written("description", t.Description, maxText)
}

// Objective is one as it is now.
type Objective struct {
	Key       string         `json:"key"`
	State     ObjectiveState `json:"state"`
	Portfolio PortfolioID    `json:"portfolio,omitempty"`
	Product   ProductID      `json:"product,omitempty"`
	Parent    ObjectiveID    `json:"parent,omitempty"`
	Theme     ThemeID        `json:"theme,omitempty"`
	ObjectiveText
	KeyResults []KeyResult `json:"keyResults,omitempty"`
	Grade      *float64    `json:"grade,omitempty"`
}

// Scope is where decisions on the objective apply.
func (s Objective) Scope() rights.Scope {
	return rights.Scope{Product: s.Product.String(), Portfolio: s.Portfolio.String()}
}

// Score is the weighted mean of its key results' scores; false while none has one.
func (s Objective) Score() (float64, bool) { return ObjectiveScore(s.KeyResults) }

func (s Objective) find(id KeyResultID) (KeyResult, error) {
	for _, k := range s.KeyResults {
		if k.ID == id {
			return k, nil
		}
	}
	return KeyResult{}, fail.Invalid("keyResult", "the objective has no key result %q", id)
}

func (s Objective) changed(id KeyResultID, change func(KeyResult) KeyResult) Objective {
	s.KeyResults = slices.Clone(s.KeyResults)
	for i, k := range s.KeyResults {
		if k.ID == id {
			s.KeyResults[i] = change(k)
		}
	}
	return s
}

// settable refuses to change what a graded or closed objective promised.
func (s Objective) settable() error {
	switch s.State {
	case ObjectiveIsGraded:
		return ErrObjectiveGraded
	case ObjectiveIsClosed:
		return ErrObjectiveClosed
	}
	return nil
}

// ObjectiveFacts is what an objective needs to know of its siblings.
type ObjectiveFacts struct {
	Portfolio Portfolio      // the one named; zero when there is no such
	Product   bool           // the one named is there
	Theme     StrategicTheme // the one named; zero when there is no such
	Parent    Objective      // the one named; zero when there is no such
	Cycle     bool           // the parent contributes to this objective, or is it
}

func (f ObjectiveFacts) theme(id ThemeID, p PortfolioID) error {
	switch {
	case id == "":
		return nil
	case f.Theme.State == "":
		return fail.Invalid("theme", "there is no theme %s", id)
	case p != "" && f.Theme.Portfolio != p:
		return fail.Invalid("theme", "theme %s belongs to another portfolio", id)
	case f.Theme.State == ThemeRetired:
		return ErrThemeRetired.With("%s", f.Theme.Title)
	}
	return nil
}

func (f ObjectiveFacts) parent(id ObjectiveID) error {
	switch {
	case id == "":
		return nil
	case f.Cycle:
		return ErrObjectiveCycle
	case f.Parent.State == "":
		return fail.Invalid("parent", "there is no objective %s", id)
	case f.Parent.State == ObjectiveIsClosed:
		return ErrObjectiveClosed.With("%s", f.Parent.Title)
	}
	return nil
}

var (
	ErrObjectiveExists   = fail.Refused("objective-exists", "this objective is defined already; revise it instead")
	ErrObjectiveGraded   = fail.Refused("objective-graded", "the objective is graded: what it promised stays; define a new one")
	ErrObjectiveClosed   = fail.Refused("objective-closed", "the objective is closed; define a new one")
	ErrNotGraded         = fail.Refused("objective-not-graded", "an active objective is graded before it is closed; grade it first")
	ErrNothingToGrade    = fail.Refused("objective-without-key-result", "there is nothing to grade by; add a key result first, or close the draft with a reason")
	ErrObjectiveCycle    = fail.Refused("objective-cycle", "an objective cannot contribute to itself; choose a parent outside of what contributes to it")
	ErrTooManyKeyResults = fail.Refused("key-results-full", "an objective has at most five key results; drop one or define another objective")
	ErrNothingToMove     = fail.Refused("key-result-without-change", "the target equals the baseline, so there is nothing to achieve; choose another target, or keep-above or keep-below")
	ErrNoUnit            = fail.Refused("key-result-without-unit", "a key result is measured; say in which unit")
)
