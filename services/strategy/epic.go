package strategy

import (
	"slices"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// Epics are portfolio epics on the SAFe portfolio Kanban (domain.md §2.2, §2.3).
var Epics = &es.Aggregate[Epic]{Context: "strategy", Name: "epic", Plural: "epics", Schema: EpicSchema}

// EpicID names an epic.
type EpicID = es.ID[Epic]

// EpicSchema holds the stored names. Never change a stored name; add one.
var EpicSchema = es.NewSchema(
	es.On[EpicSubmitted]("strategy.epic.submitted.v1"),
	es.On[EpicImported]("strategy.epic.imported.v1"),
	es.On[EpicRevised]("strategy.epic.revised.v1"),
	es.On[EpicOwnerNamed]("strategy.epic.owner-named.v1"),
	es.On[EpicThemeLinked]("strategy.epic.theme-linked.v1"),
	es.On[EpicThemeUnlinked]("strategy.epic.theme-unlinked.v1"),
	es.On[EpicObjectiveLinked]("strategy.epic.objective-linked.v1"),
	es.On[EpicObjectiveUnlinked]("strategy.epic.objective-unlinked.v1"),
	es.On[EpicValueStreamsNamed]("strategy.epic.value-streams-named.v1"),
	es.On[EpicBlocked]("strategy.epic.blocked.v1"),
	es.On[EpicUnblocked]("strategy.epic.unblocked.v1"),
	es.On[HypothesisCompleted]("strategy.epic.hypothesis-completed.v1"),
	es.On[EpicScored]("strategy.epic.scored.v1"),
	es.On[BusinessCaseCompleted]("strategy.epic.business-case-completed.v1"),
	es.On[GoDecided]("strategy.epic.go-decided.v1"),
	es.On[NoGoDecided]("strategy.epic.no-go-decided.v1"),
	es.On[EpicReviewStarted]("strategy.epic.review-started.v1"),
	es.On[EpicAnalysisStarted]("strategy.epic.analysis-started.v1"),
	es.On[EpicReadied]("strategy.epic.readied.v1"),
	es.On[MvpStarted]("strategy.epic.mvp-started.v1"),
	es.On[EpicReturned]("strategy.epic.returned-to-funnel.v1"),
	es.On[EpicRejected]("strategy.epic.rejected.v1"),
	es.On[IndicatorRecorded]("strategy.epic.indicator-recorded.v1"),
	es.On[EpicPersevered]("strategy.epic.persevered.v1"),
	es.On[EpicPivoted]("strategy.epic.pivoted.v1"),
	es.On[EpicStopped]("strategy.epic.stopped.v1"),
	es.On[EpicDone]("strategy.epic.done.v1"),
)

// EpicState is a column of the portfolio Kanban.
type EpicState string

const (
	Funnel    EpicState = "funnel"
	Reviewing EpicState = "reviewing"
	Analyzing EpicState = "analyzing"
	Ready     EpicState = "ready"
	MVP       EpicState = "mvp"
	Persevere EpicState = "persevere"
	Done      EpicState = "done"
)

// EpicStates are the columns of the portfolio Kanban, from left to right.
var EpicStates = []EpicState{Funnel, Reviewing, Analyzing, Ready, MVP, Persevere, Done}

// Active tells whether an epic in this state has been approved and is to be
// worked on: from ready until it is done.
func (s EpicState) Active() bool { return s == Ready || s == MVP || s == Persevere }

// EpicKind says what an epic is for.
type EpicKind string

const (
	BusinessEpic EpicKind = "business" // delivers value directly
	EnablerEpic  EpicKind = "enabler"  // architectural runway, compliance
)

// Resolution says why an epic is done.
type Resolution string

const (
	Rejected  Resolution = "rejected"  // before a Go
	NoGo      Resolution = "no-go"     // on its business case
	Stopped   Resolution = "stopped"   // its hypothesis is disproven
	Pivoted   Resolution = "pivoted"   // another epic takes over
	Delivered Resolution = "delivered" // enough value
	Closed    Resolution = "closed"    // elsewhere, before it was imported
)

// Source is where an imported epic comes from.
type Source struct {
	System string `json:"system" minLength:"1" maxLength:"300" example:"jira"`
	Key    string `json:"key" minLength:"1" maxLength:"300" example:"PAY-1"`
	URL    string `json:"url,omitempty" maxLength:"2048" format:"uri"`
}

// Override says that a full column was entered all the same, and why.
type Override struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"` // epics that were there
	Limit  int    `json:"limit"`
}

// Verdict is a Go and the version of the business case that it is on.
type Verdict struct {
	Case      int         `json:"case"`
	By        es.PersonID `json:"by,omitempty"`
	Rationale string      `json:"rationale,omitempty"`
}

// Epic is one as it is now.
type Epic struct {
	Key          string          `json:"key"`
	State        EpicState       `json:"state"`
	Title        string          `json:"title"`
	Description  string          `json:"description,omitempty"`
	Kind         EpicKind        `json:"kind"`
	Owner        es.PersonID     `json:"owner,omitempty"`
	Portfolio    PortfolioID     `json:"portfolio"`
	Themes       []ThemeID       `json:"themes,omitempty"`
	Objectives   []ObjectiveID   `json:"objectives,omitempty"`
	ValueStreams []ValueStreamID `json:"valueStreams,omitempty"`
	Hypothesis   *Hypothesis     `json:"hypothesis,omitempty"`
	WSJF         *WSJF           `json:"wsjf,omitempty"`
	Case         *BusinessCase   `json:"case,omitempty"`
	Go           *Verdict        `json:"go,omitempty"`
	ARTs         []ARTID         `json:"arts,omitempty"`
	Readings     []Reading       `json:"readings,omitempty"`
	Blocked      string          `json:"blocked,omitempty"` // why
	Resolution   Resolution      `json:"resolution,omitempty"`
	Reason       string          `json:"reason,omitempty"` // of the resolution
	PivotOf      EpicID          `json:"pivotOf,omitempty"`
	PivotedInto  EpicID          `json:"pivotedInto,omitempty"`
	Source       *Source         `json:"source,omitempty"`
	ImportedAs   EpicState       `json:"importedAs,omitempty"` // the state in its source
}

// Scope is where decisions on the epic apply.
func (s Epic) Scope() rights.Scope { return epicScope(s.Portfolio, s.ValueStreams) }

// epicScope names a value stream only when there is just one: with several, no
// one of them decides alone.
func epicScope(p PortfolioID, streams []ValueStreamID) rights.Scope {
	scope := rights.Scope{Portfolio: p.String()}
	if len(streams) == 1 {
		scope.ValueStream = streams[0].String()
	}
	return scope
}

// GoCurrent tells whether there is a Go on the business case as it is now.
func (s Epic) GoCurrent() bool { return s.Go != nil && s.Case != nil && s.Go.Case == s.Case.Version }

// open refuses any change of an epic that is done.
func (s Epic) open() error {
	switch s.State {
	case "":
		return fail.NotFound("epic", "")
	case Done:
		return ErrEpicDone.With("%s", s.Resolution)
	}
	return nil
}

// steps refuses to move to a state that is not the next one.
func (s Epic) steps(to EpicState) error {
	if err := s.open(); err != nil {
		return err
	}
	if s.Blocked != "" {
		return ErrEpicBlocked.With("%s", s.Blocked)
	}
	from, next := slices.Index(EpicStates, s.State), slices.Index(EpicStates, to)
	switch {
	case next < from:
		return ErrNoWayBack.With("from %s to %s", s.State, to)
	case next > from+1:
		return ErrStateSkipped.With("after %s comes %s, not %s", s.State, EpicStates[from+1], to)
	}
	return nil
}

// themed refuses an active epic without an active theme.
func (s Epic) themed(f EpicFacts) error {
	for _, t := range s.Themes {
		if f.Themes[t].State == ThemeActive {
			return nil
		}
	}
	return ErrNoActiveTheme
}

// pull enters a limited column: refused when it is full, unless it is
// overridden with a reason.
func (s Epic) pull(to EpicState, f EpicFacts, override bool, reason string) (*Override, error) {
	there, limit := f.InState[to], f.Portfolio.Kanban.WIP[to]
	if limit == 0 || there < limit {
		return nil, nil
	}
	if !override {
		return nil, ErrWIPFull.With("%s holds %d of %d", to, there, limit)
	}
	if err := because(reason); err != nil {
		return nil, err
	}
	return &Override{reason, there, limit}, nil
}

// EpicFacts is what decisions on an epic need to know of its siblings.
type EpicFacts struct {
	Portfolio Portfolio                     // the epic's; zero when there is no such
	InState   map[EpicState]int             // epics per column of the portfolio
	Themes    map[ThemeID]StrategicTheme    // named by the epic or the command, without those that are not there
	Streams   map[ValueStreamID]ValueStream // named by the command, without those that are not there
	Objective Objective                     // named by the command; zero when there is no such, with its product's portfolio when it has none itself
	Pivot     Epic                          // the epic that the command names in pivotOf
}

// theme refuses a link to a theme that is not there, elsewhere or retired.
func (f EpicFacts) theme(field string, id ThemeID, p PortfolioID) error {
	t, ok := f.Themes[id]
	switch {
	case !ok:
		return fail.Invalid(field, "there is no theme %s", id)
	case t.Portfolio != p:
		return fail.Invalid(field, "theme %s belongs to another portfolio", id)
	case t.State == ThemeRetired:
		return ErrThemeRetired.With("%s", t.Title)
	}
	return nil
}

// objective refuses a link to an objective that is not there, elsewhere or closed.
func (f EpicFacts) objective(field string, id ObjectiveID, p PortfolioID) error {
	switch {
	case f.Objective.State == "":
		return fail.Invalid(field, "there is no objective %s", id)
	case f.Objective.Portfolio != p:
		return fail.Invalid(field, "objective %s belongs to another portfolio", id)
	case f.Objective.State == ObjectiveIsClosed:
		return ErrObjectiveClosed.With("%s", f.Objective.Title)
	}
	return nil
}

// stream refuses a value stream that is not there, elsewhere or retired.
func (f EpicFacts) stream(field string, id ValueStreamID, p PortfolioID) error {
	v, ok := f.Streams[id]
	switch {
	case !ok:
		return fail.Invalid(field, "there is no value stream %s", id)
	case v.Portfolio != p:
		return fail.Invalid(field, "value stream %s belongs to another portfolio", id)
	case v.State == ValueStreamRetired:
		return ErrValueStreamRetired.With("%s", v.Name)
	}
	return nil
}

var (
	ErrEpicExists           = fail.Refused("epic-exists", "this epic is there already; revise it instead")
	ErrEpicDone             = fail.Refused("epic-done", "the epic is done and stays so; submit a new epic")
	ErrEpicBlocked          = fail.Refused("epic-blocked", "the epic is blocked; unblock it before it moves on")
	ErrStateSkipped         = fail.Refused("epic-state-skipped", "an epic goes through the portfolio Kanban state by state; take the next one")
	ErrNoWayBack            = fail.Refused("epic-no-way-back", "an epic goes back only to the funnel, and only before its MVP has started")
	ErrWIPFull              = fail.Refused("epic-wip-full", "the column is full; finish something there first, or override with a reason")
	ErrNoActiveTheme        = fail.Refused("epic-without-theme", "an active epic serves a strategic theme; link one that is active")
	ErrNoEpicOwner          = fail.Refused("epic-without-owner", "analysis needs an Epic Owner; name one")
	ErrHypothesisIncomplete = fail.Refused("epic-hypothesis-incomplete", "analysis needs a complete hypothesis statement; complete it")
	ErrEpicUnscored         = fail.Refused("epic-unscored", "analysis needs a first WSJF; score all four inputs")
	ErrHypothesisFixed      = fail.Refused("epic-hypothesis-fixed", "the hypothesis is being tested; decide the outcome, and pivot if it was the wrong one")
	ErrNotInAnalysis        = fail.Refused("epic-not-in-analysis", "the business case belongs to an epic in analysis; start the analysis first")
	ErrCaseFixed            = fail.Refused("epic-case-fixed", "the epic is being implemented on this business case; decide the outcome, and pivot to change it")
	ErrNoCase               = fail.Refused("epic-without-case", "there is no business case to decide on; complete one first")
	ErrCaseMoved            = fail.Refused("epic-case-moved", "the business case has another version now; read it and decide on that one")
	ErrCaseIncomplete       = fail.Refused("epic-case-incomplete", "a Go needs a defined MVP and its cost; complete the business case")
	ErrNoGo                 = fail.Refused("epic-without-go", "the business case as it is now has no Go; have it decided first")
	ErrGoGiven              = fail.Refused("epic-go-given", "this version of the business case has a Go; return the epic to the funnel or reject it")
	ErrNotImplementing      = fail.Refused("epic-not-implementing", "indicators are read while an epic is implemented; start its MVP first")
	ErrNoReading            = fail.Refused("epic-without-reading", "an outcome is decided on evidence; record at least one reading of a leading indicator")
	ErrOutcomeDue           = fail.Refused("epic-outcome-due", "the epic is being implemented; decide its outcome instead: persevere, pivot or stop")
	ErrNotPivoted           = fail.Refused("epic-not-pivoted", "pivotOf names an epic that was closed by a pivot; decide that first")
)
