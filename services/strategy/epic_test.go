package strategy

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

var (
	statement = Hypothesis{For: "shoppers", Who: "buy on the move", The: "Pocket Shop", IsA: "mobile shop", That: "sells in three taps",
		Unlike: "the web shop", OurSolution: "remembers everything", Outcomes: []string{"10 % more orders"},
		Indicators: []Indicator{{Name: "orders per visit"}}, TShirt: "l"}
	score    = WSJF{8, 5, 3, 2, "2026-Q4"}
	leanCase = BusinessCase{Version: 1, Description: "why", MVP: "one product, one payment", MVPCost: &Money{100_00, "EUR"}, FullCost: &Money{900_00, "EUR"}}
	reading  = Reading{Indicator: "orders per visit", Value: 1.2, At: estest.Meta.Time, By: actor}

	submitted  = EpicSubmitted{Key: "E-1", Portfolio: retail, Title: "Pocket Shop", Kind: BusinessEpic, Themes: []ThemeID{mobile}}
	inFunnel   = happened[Epic](submitted)
	inReview   = after(inFunnel, EpicReviewStarted{})
	reviewedIt = after(inReview, EpicOwnerNamed{anna}, HypothesisCompleted{statement}, EpicScored{score, actor})
	inAnalysis = after(reviewedIt, EpicAnalysisStarted{})
	withCase   = after(inAnalysis, BusinessCaseCompleted{leanCase})
	withGo     = after(withCase, GoDecided{Verdict{Case: 1, By: anna}})
	isReady    = after(withGo, EpicReadied{Case: 1})
	inMVP      = after(isReady, MvpStarted{ARTs: []ARTID{train}})
	withRead   = after(inMVP, IndicatorRecorded{reading})
	perseveres = after(withRead, EpicPersevered{Readings: 1})
	isDone     = after(perseveres, EpicDone{"enough value", actor})
	serving    = after(inFunnel, EpicObjectiveLinked{orders})
)

// known are the facts of a portfolio that holds at most two epics per column, none there.
func known(change ...func(*EpicFacts)) EpicFacts {
	f := EpicFacts{
		Portfolio: Portfolio{ID: retail, State: PortfolioActive, Configuration: WithPortfolio,
			Kanban: Kanban{WIP: map[EpicState]int{Reviewing: 2, Analyzing: 2, Ready: 2, MVP: 2, Persevere: 2}}},
		Themes: map[ThemeID]StrategicTheme{
			mobile: {State: ThemeActive, Portfolio: retail, ThemeText: ThemeText{Title: "Mobile first"}},
			cloud:  {State: ThemeRetired, Portfolio: retail, ThemeText: ThemeText{Title: "Cloud"}}},
		Streams: map[ValueStreamID]ValueStream{checkout: {ID: checkout, State: ValueStreamActive, Portfolio: retail}},
	}
	for _, c := range change {
		c(&f)
	}
	return f
}

func knownObjective(p PortfolioID, state ObjectiveState) EpicFacts {
	return known(func(f *EpicFacts) {
		f.Objective = Objective{State: state, Portfolio: p, ObjectiveText: ObjectiveText{Title: "More orders"}}
	})
}

func full(state EpicState) func(*EpicFacts) {
	return func(f *EpicFacts) { f.InState = map[EpicState]int{state: 2} }
}

func themeIs(state ThemeState) func(*EpicFacts) {
	return func(f *EpicFacts) {
		f.Themes = map[ThemeID]StrategicTheme{mobile: {State: state, Portfolio: retail}}
	}
}

func TestEpicSubmit(t *testing.T) {
	tell(t, EpicSchema, []sentence[Epic]{
		{name: "anyone submits to the funnel",
			when: SubmitEpic{Portfolio: retail, Title: " Pocket Shop ", Themes: []ThemeID{mobile, mobile}, ValueStreams: []ValueStreamID{checkout}, Facts: known()},
			then: happened[Epic](EpicSubmitted{Key: "X-1", Portfolio: retail, Title: "Pocket Shop", Kind: BusinessEpic, Themes: []ThemeID{mobile}, ValueStreams: []ValueStreamID{checkout}})},
		{name: "the same wish already holds", given: inFunnel,
			when: SubmitEpic{Portfolio: retail, Title: "Pocket Shop", Facts: known()}},
		{name: "another wish for the same epic is refused", given: inFunnel,
			when: SubmitEpic{Portfolio: retail, Title: "Desk Shop", Facts: known()}, refuses: ErrEpicExists},
		{name: "a blank title is wrong", when: SubmitEpic{Portfolio: retail, Title: "  ", Facts: known()}, refuses: wrong("title")},
		{name: "an unknown kind is wrong", when: SubmitEpic{Portfolio: retail, Title: "A", Kind: "story", Facts: known()}, refuses: wrong("kind")},
		{name: "a portfolio must be there", when: SubmitEpic{Portfolio: other, Title: "A"}, refuses: wrong("portfolio")},
		{name: "not into an archived portfolio", when: SubmitEpic{Portfolio: retail, Title: "A",
			Facts: known(func(f *EpicFacts) { f.Portfolio.State = PortfolioClosed })}, refuses: ErrPortfolioArchived},
		{name: "not where the configuration has no portfolio level", when: SubmitEpic{Portfolio: retail, Title: "A",
			Facts: known(func(f *EpicFacts) { f.Portfolio.Configuration = Essential })}, refuses: ErrNoPortfolioLevel},
		{name: "not with a retired theme", when: SubmitEpic{Portfolio: retail, Title: "A", Themes: []ThemeID{cloud}, Facts: known()}, refuses: ErrThemeRetired},
		{name: "not with a theme that is not there", when: SubmitEpic{Portfolio: retail, Title: "A", Themes: []ThemeID{mobile}, Facts: EpicFacts{Portfolio: known().Portfolio}}, refuses: wrong("themes")},
		{name: "not with the theme of another portfolio", when: SubmitEpic{Portfolio: retail, Title: "A", Themes: []ThemeID{mobile},
			Facts: known(func(f *EpicFacts) { f.Themes[mobile] = StrategicTheme{State: ThemeActive, Portfolio: other} })}, refuses: wrong("themes")},
		{name: "not with a retired value stream", when: SubmitEpic{Portfolio: retail, Title: "A", ValueStreams: []ValueStreamID{checkout},
			Facts: known(func(f *EpicFacts) {
				f.Streams[checkout] = ValueStream{State: ValueStreamRetired, Portfolio: retail}
			})}, refuses: ErrValueStreamRetired},
		{name: "a pivot opens a new epic", when: SubmitEpic{Portfolio: retail, Title: "B", PivotOf: "0old0000000000000000000000",
			Facts: known(func(f *EpicFacts) { f.Pivot = Epic{State: Done, Resolution: Pivoted} })},
			then: happened[Epic](EpicSubmitted{Key: "X-1", Portfolio: retail, Title: "B", Kind: BusinessEpic, PivotOf: "0old0000000000000000000000"})},
		{name: "not of an epic that did not pivot", when: SubmitEpic{Portfolio: retail, Title: "B", PivotOf: "0old0000000000000000000000",
			Facts: known(func(f *EpicFacts) { f.Pivot = Epic{State: MVP} })}, refuses: ErrNotPivoted},
		{name: "not of an epic that is not there", when: SubmitEpic{Portfolio: retail, Title: "B", PivotOf: "0old0000000000000000000000", Facts: known()}, refuses: wrong("pivotOf")},
	})
}

func TestEpicImport(t *testing.T) {
	source := Source{System: "jira", Key: "PAY-1", URL: "https://jira.example/PAY-1"}
	imported := EpicImported{Key: "X-1", Portfolio: retail, Title: "Payments", Kind: BusinessEpic, State: MVP, SourceState: MVP, Source: source}
	was := happened[Epic](imported)
	again := func(change func(*EpicImported)) EpicImported { e := imported; change(&e); return e }
	persevered := after(was, EpicPersevered{Readings: 1})
	wish := func(change ...func(*ImportEpic)) ImportEpic {
		c := ImportEpic{Portfolio: retail, Title: "Payments", State: MVP, Source: source, Facts: known(full(MVP))}
		for _, f := range change {
			f(&c)
		}
		return c
	}
	tell(t, EpicSchema, []sentence[Epic]{
		{name: "it comes in the state it has there, past every gate and limit", when: wish(), then: was},
		{name: "the same import changes nothing", given: was, when: wish()},
		{name: "a later import brings it up to date", given: was,
			when: wish(func(c *ImportEpic) { c.Title, c.State, c.Owner = "Payment", Persevere, anna }),
			then: happened[Epic](again(func(e *EpicImported) {
				e.Title, e.State, e.SourceState, e.Owner = "Payment", Persevere, Persevere, anna
			}))},
		{name: "a later import leaves alone what was moved here", given: persevered,
			when: wish(func(c *ImportEpic) { c.State = Ready }),
			then: happened[Epic](again(func(e *EpicImported) { e.State, e.SourceState = Persevere, Ready }))},
		{name: "not over an epic from elsewhere", given: inFunnel, when: wish(), refuses: ErrEpicExists},
		{name: "not into another portfolio", given: was, when: wish(func(c *ImportEpic) { c.Portfolio = other }), refuses: wrong("portfolio")},
		{name: "an unknown state is wrong", when: wish(func(c *ImportEpic) { c.State = "open" }), refuses: wrong("state")},
		{name: "a source has a system", when: wish(func(c *ImportEpic) { c.Source.System = "" }), refuses: wrong("source.system")},
		{name: "a source has a key", when: wish(func(c *ImportEpic) { c.Source.Key = "" }), refuses: wrong("source.key")},
		{name: "not with a retired theme", when: wish(func(c *ImportEpic) { c.Themes = []ThemeID{cloud} }), refuses: ErrThemeRetired},
	})
	if got := estest.Given(EpicSchema, again(func(e *EpicImported) { e.State = Done })).State(t).Resolution; got != Closed {
		t.Errorf("imported as done it is resolved %q", got)
	}
}

func TestEpicRevise(t *testing.T) {
	tell(t, EpicSchema, []sentence[Epic]{
		{name: "each change is its own event", given: inFunnel,
			when: ReviseEpic{Title: ptr("Pocket"), Owner: ptr(anna), Themes: ptr([]ThemeID{}), ValueStreams: ptr([]ValueStreamID{checkout}), Facts: known()},
			then: happened[Epic](EpicRevised{Title: "Pocket", Kind: BusinessEpic}, EpicOwnerNamed{anna}, EpicThemeUnlinked{mobile}, EpicValueStreamsNamed{[]ValueStreamID{checkout}})},
		{name: "what is left out stays", given: inFunnel, when: ReviseEpic{}},
		{name: "what it says already is no change", given: inFunnel, when: ReviseEpic{Title: ptr("Pocket Shop"), Themes: ptr([]ThemeID{mobile})}},
		{name: "a blank title is wrong", given: inFunnel, when: ReviseEpic{Title: ptr(" ")}, refuses: wrong("title")},
		{name: "an epic in analysis keeps an owner", given: inAnalysis, when: ReviseEpic{Owner: ptr(es.PersonID(""))}, refuses: ErrNoEpicOwner},
		{name: "an active epic keeps a theme", given: isReady, when: ReviseEpic{Themes: ptr([]ThemeID{}), Facts: known()}, refuses: ErrNoActiveTheme},
		{name: "not to a retired theme", given: inFunnel, when: ReviseEpic{Themes: ptr([]ThemeID{mobile, cloud}), Facts: known()}, refuses: ErrThemeRetired},
		{name: "not to a value stream that is not there", given: inFunnel, when: ReviseEpic{ValueStreams: ptr([]ValueStreamID{"0nothere000000000000000000"}), Facts: known()}, refuses: wrong("valueStreams")},
		{name: "not when it is done", given: isDone, when: ReviseEpic{Title: ptr("New")}, refuses: ErrEpicDone},

		{name: "a theme is linked", given: happened[Epic](EpicSubmitted{Key: "E-1", Portfolio: retail, Title: "A"}), when: LinkTheme{mobile, known()}, then: happened[Epic](EpicThemeLinked{mobile})},
		{name: "a theme is linked once", given: inFunnel, when: LinkTheme{mobile, known()}},
		{name: "a link to a retired theme is refused", given: inFunnel, when: LinkTheme{cloud, known()}, refuses: ErrThemeRetired},
		{name: "a link to no theme is wrong", given: inFunnel, when: LinkTheme{"", known()}, refuses: wrong("theme")},
		{name: "no link when it is done", given: isDone, when: LinkTheme{cloud, known()}, refuses: ErrEpicDone},
		{name: "a theme is unlinked", given: inFunnel, when: UnlinkTheme{mobile, known()}, then: happened[Epic](EpicThemeUnlinked{mobile})},
		{name: "what is not linked needs no unlinking", given: inFunnel, when: UnlinkTheme{cloud, known()}},
		{name: "the last active theme of an active epic stays", given: inMVP, when: UnlinkTheme{mobile, known()}, refuses: ErrNoActiveTheme},
		{name: "a retired theme of an active epic may go", given: inMVP, when: UnlinkTheme{mobile, known(themeIs(ThemeRetired))}, then: happened[Epic](EpicThemeUnlinked{mobile})},

		{name: "an objective is linked", given: inFunnel, when: LinkObjective{orders, knownObjective(retail, ObjectiveActive)}, then: happened[Epic](EpicObjectiveLinked{orders})},
		{name: "a draft of an objective may be linked", given: inFunnel, when: LinkObjective{orders, knownObjective(retail, ObjectiveDraft)}, then: happened[Epic](EpicObjectiveLinked{orders})},
		{name: "an objective is linked once, even when it is closed now", given: serving, when: LinkObjective{orders, knownObjective(retail, ObjectiveIsClosed)}},
		{name: "a link to a closed objective is refused", given: inFunnel, when: LinkObjective{orders, knownObjective(retail, ObjectiveIsClosed)}, refuses: ErrObjectiveClosed},
		{name: "a link to the objective of another portfolio is wrong", given: inFunnel, when: LinkObjective{orders, knownObjective(other, ObjectiveActive)}, refuses: wrong("objective")},
		{name: "a link to an objective of no portfolio is wrong", given: inFunnel, when: LinkObjective{orders, knownObjective("", ObjectiveActive)}, refuses: wrong("objective")},
		{name: "a link to no objective is wrong", given: inFunnel, when: LinkObjective{orders, known()}, refuses: wrong("objective")},
		{name: "no objective is linked to what is not there", when: LinkObjective{orders, knownObjective(retail, ObjectiveActive)}, refuses: fail.NotFound("epic", "")},
		{name: "no objective is linked when it is done", given: isDone, when: LinkObjective{orders, knownObjective(retail, ObjectiveActive)}, refuses: ErrEpicDone},
		{name: "an objective is unlinked", given: serving, when: UnlinkObjective{orders}, then: happened[Epic](EpicObjectiveUnlinked{orders})},
		{name: "the last objective of an active epic may go", given: after(inMVP, EpicObjectiveLinked{orders}), when: UnlinkObjective{orders}, then: happened[Epic](EpicObjectiveUnlinked{orders})},
		{name: "an objective that is not linked needs no unlinking", given: inFunnel, when: UnlinkObjective{orders}},
		{name: "no objective is unlinked when it is done", given: after(serving, EpicRejected{Funnel, "no"}), when: UnlinkObjective{orders}, refuses: ErrEpicDone},

		{name: "it is blocked", given: inReview, when: BlockEpic{"no budget"}, then: happened[Epic](EpicBlocked{"no budget"})},
		{name: "it is blocked once", given: after(inReview, EpicBlocked{"no budget"}), when: BlockEpic{"no budget"}},
		{name: "a block has a reason", given: inReview, when: BlockEpic{" "}, refuses: wrong("reason")},
		{name: "no block when it is done", given: isDone, when: BlockEpic{"why"}, refuses: ErrEpicDone},
		{name: "it is unblocked", given: after(inReview, EpicBlocked{"no budget"}), when: UnblockEpic{"found"}, then: happened[Epic](EpicUnblocked{"found"})},
		{name: "what is not blocked needs no unblocking", given: inReview, when: UnblockEpic{}},
		{name: "blocked it does not move on", given: after(inFunnel, EpicBlocked{"no budget"}), when: StartReview{Facts: known()}, refuses: ErrEpicBlocked},
		{name: "blocked it may go back", given: after(inReview, EpicBlocked{"no budget"}), when: ReturnToFunnel{"no budget"}, then: happened[Epic](EpicReturned{Reviewing, "no budget"})},
	})
}

func TestEpicCase(t *testing.T) {
	second := leanCase
	second.Version, second.MVP = 2, "two products"
	unversioned := func(b BusinessCase) BusinessCase { b.Version = 0; return b }
	bare := after(inAnalysis, BusinessCaseCompleted{BusinessCase{Version: 1, Description: "why"}})
	tell(t, EpicSchema, []sentence[Epic]{
		{name: "the hypothesis is completed", given: inFunnel, when: CompleteHypothesis{statement}, then: happened[Epic](HypothesisCompleted{statement})},
		{name: "the hypothesis may be half done", given: inFunnel, when: CompleteHypothesis{Hypothesis{For: "shoppers"}}, then: happened[Epic](HypothesisCompleted{Hypothesis{For: "shoppers"}})},
		{name: "the hypothesis says something", given: inFunnel, when: CompleteHypothesis{}, refuses: wrong("")},
		{name: "the same hypothesis already holds", given: reviewedIt, when: CompleteHypothesis{statement}},
		{name: "indicators differ in name", given: inFunnel, when: CompleteHypothesis{Hypothesis{Indicators: []Indicator{{Name: "a"}, {Name: "a"}}}}, refuses: wrong("indicators")},
		{name: "a T-shirt size is one", given: inFunnel, when: CompleteHypothesis{Hypothesis{TShirt: "huge"}}, refuses: wrong("tShirt")},
		{name: "an outcome is not blank", given: inFunnel, when: CompleteHypothesis{Hypothesis{Outcomes: []string{" "}}}, refuses: wrong("outcomes")},
		{name: "the hypothesis stays while it is tested", given: inMVP, when: CompleteHypothesis{Hypothesis{For: "others"}}, refuses: ErrHypothesisFixed},
		{name: "the hypothesis stays when it is done", given: isDone, when: CompleteHypothesis{Hypothesis{For: "others"}}, refuses: ErrEpicDone},

		{name: "it is scored", given: inFunnel, when: ScoreWsjf{score}, then: happened[Epic](EpicScored{score, actor})},
		{name: "the same score already holds", given: reviewedIt, when: ScoreWsjf{score}},
		{name: "an input may be missing", given: inFunnel, when: ScoreWsjf{WSJF{8, 0, 3, 2, "s"}}, then: happened[Epic](EpicScored{WSJF{8, 0, 3, 2, "s"}, actor})},
		{name: "an input off the scale is wrong", given: inFunnel, when: ScoreWsjf{WSJF{8, 5, 4, 2, "s"}}, refuses: wrong("riskOpportunity")},
		{name: "a size off the scale is wrong", given: inFunnel, when: ScoreWsjf{WSJF{8, 5, 3, 40, "s"}}, refuses: wrong("jobSize")},
		{name: "a score belongs to a session", given: inFunnel, when: ScoreWsjf{WSJF{8, 5, 3, 2, ""}}, refuses: wrong("session")},
		{name: "no score when it is done", given: isDone, when: ScoreWsjf{score}, refuses: ErrEpicDone},

		{name: "the first case is version 1", given: inAnalysis, when: CompleteBusinessCase{unversioned(leanCase)}, then: happened[Epic](BusinessCaseCompleted{leanCase})},
		{name: "each edit is a new version", given: withCase, when: CompleteBusinessCase{unversioned(second)}, then: happened[Epic](BusinessCaseCompleted{second})},
		{name: "the same case is no new version", given: withCase, when: CompleteBusinessCase{unversioned(leanCase)}},
		{name: "no case before analysis", given: inReview, when: CompleteBusinessCase{leanCase}, refuses: ErrNotInAnalysis},
		{name: "no case during implementation", given: inMVP, when: CompleteBusinessCase{second}, refuses: ErrCaseFixed},
		{name: "no case when it is done", given: isDone, when: CompleteBusinessCase{second}, refuses: ErrEpicDone},
		{name: "costs are in one currency", given: inAnalysis, when: CompleteBusinessCase{BusinessCase{MVPCost: &Money{1, "EUR"}, FullCost: &Money{2, "USD"}}}, refuses: wrong("fullCost.currency")},
		{name: "the full cost includes the MVP", given: inAnalysis, when: CompleteBusinessCase{BusinessCase{MVPCost: &Money{2, "EUR"}, FullCost: &Money{1, "EUR"}}}, refuses: wrong("fullCost.amount")},
		{name: "a cost is not negative", given: inAnalysis, when: CompleteBusinessCase{BusinessCase{MVPCost: &Money{-1, "EUR"}}}, refuses: wrong("mvpCost.amount")},
		{name: "a cost has a currency", given: inAnalysis, when: CompleteBusinessCase{BusinessCase{FullCost: &Money{1, "euro"}}}, refuses: wrong("fullCost.currency")},
		{name: "a duration is not negative", given: inAnalysis, when: CompleteBusinessCase{BusinessCase{PIs: -1}}, refuses: wrong("pis")},

		{name: "Go is decided on a version", given: withCase, when: DecideGo{1, "worth it"}, then: happened[Epic](GoDecided{Verdict{1, actor, "worth it"}})},
		{name: "Go is decided once", given: withGo, when: DecideGo{Case: 1}},
		{name: "no Go on a case that has moved", given: after(withCase, BusinessCaseCompleted{second}), when: DecideGo{Case: 1}, refuses: ErrCaseMoved},
		{name: "no Go without a case", given: inAnalysis, when: DecideGo{Case: 1}, refuses: ErrNoCase},
		{name: "no Go without MVP and cost", given: bare, when: DecideGo{Case: 1}, refuses: ErrCaseIncomplete},
		{name: "no Go before analysis", given: inReview, when: DecideGo{Case: 1}, refuses: ErrNotInAnalysis},
		{name: "no Go during implementation", given: inMVP, when: DecideGo{Case: 1}, refuses: ErrCaseFixed},
		{name: "a case edited after Go gets a new Go while ready", given: after(isReady, BusinessCaseCompleted{second}), when: DecideGo{Case: 2}, then: happened[Epic](GoDecided{Verdict{Case: 2, By: actor}})},

		{name: "No-go ends it", given: withCase, when: DecideNoGo{1, "too dear"}, then: happened[Epic](NoGoDecided{1, actor, "too dear"})},
		{name: "No-go is decided once", given: after(withCase, NoGoDecided{1, actor, "too dear"}), when: DecideNoGo{1, "too dear"}},
		{name: "No-go has a reason", given: withCase, when: DecideNoGo{1, ""}, refuses: wrong("reason")},
		{name: "no No-go on a case that has moved", given: after(withCase, BusinessCaseCompleted{second}), when: DecideNoGo{1, "too dear"}, refuses: ErrCaseMoved},
		{name: "no No-go on a case with a Go", given: withGo, when: DecideNoGo{1, "too dear"}, refuses: ErrGoGiven},
		{name: "no No-go when it is done", given: isDone, when: DecideNoGo{1, "too dear"}, refuses: ErrEpicDone},
	})
	if got := estest.Given(EpicSchema, withCase...).When(DecideNoGo{1, "too dear"}).State(t); got.State != Done || got.Resolution != NoGo || got.Reason != "too dear" {
		t.Errorf("after a No-go it is %s (%s)", got.State, got.Resolution)
	}
	if filled, of := leanCase.Filled(); filled != 4 || of != 18 {
		t.Errorf("%d of %d fields filled, want 4 of 18", filled, of)
	}
}

// journey tells where an epic with this past is.
func journey(t *testing.T, past []es.Event[Epic]) EpicState {
	t.Helper()
	return estest.Given(EpicSchema, past...).State(t).State
}

func TestEpicFlow(t *testing.T) {
	second := leanCase
	second.Version = 2
	over := &Override{"urgent", 2, 2}
	tell(t, EpicSchema, []sentence[Epic]{
		{name: "review starts", given: inFunnel, when: StartReview{Facts: known()}, then: happened[Epic](EpicReviewStarted{})},
		{name: "review starts once", given: inReview, when: StartReview{Facts: known()}},
		{name: "no review into a full column", given: inFunnel, when: StartReview{Facts: known(full(Reviewing))}, refuses: ErrWIPFull},
		{name: "no override without a reason", given: inFunnel, when: StartReview{Override: true, Facts: known(full(Reviewing))}, refuses: wrong("reason")},
		{name: "review starts in a full column with a reason", given: inFunnel, when: StartReview{true, "urgent", known(full(Reviewing))}, then: happened[Epic](EpicReviewStarted{over})},
		{name: "an override that is not needed is not recorded", given: inFunnel, when: StartReview{true, "urgent", known()}, then: happened[Epic](EpicReviewStarted{})},
		{name: "no review again from analysis", given: inAnalysis, when: StartReview{Facts: known()}, refuses: ErrNoWayBack},

		{name: "analysis starts", given: reviewedIt, when: StartAnalysis{Facts: known()}, then: happened[Epic](EpicAnalysisStarted{})},
		{name: "analysis starts once", given: inAnalysis, when: StartAnalysis{Facts: known()}},
		{name: "no analysis from the funnel", given: inFunnel, when: StartAnalysis{Facts: known()}, refuses: ErrStateSkipped},
		{name: "no analysis without owner", given: after(reviewedIt, EpicOwnerNamed{}), when: StartAnalysis{Facts: known()}, refuses: ErrNoEpicOwner},
		{name: "no analysis without hypothesis", given: after(inReview, EpicOwnerNamed{anna}, EpicScored{score, actor}), when: StartAnalysis{Facts: known()}, refuses: ErrHypothesisIncomplete},
		{name: "no analysis with half a hypothesis", given: after(reviewedIt, HypothesisCompleted{Hypothesis{For: "a"}}), when: StartAnalysis{Facts: known()}, refuses: ErrHypothesisIncomplete},
		{name: "no analysis without score", given: after(reviewedIt, EpicScored{WSJF{8, 5, 3, 0, "s"}, actor}), when: StartAnalysis{Facts: known()}, refuses: ErrEpicUnscored},
		{name: "no analysis into a full column", given: reviewedIt, when: StartAnalysis{Facts: known(full(Analyzing))}, refuses: ErrWIPFull},
		{name: "analysis starts in a full column with a reason", given: reviewedIt, when: StartAnalysis{true, "urgent", known(full(Analyzing))}, then: happened[Epic](EpicAnalysisStarted{over})},

		{name: "it is made ready", given: withGo, when: MakeReady{Facts: known()}, then: happened[Epic](EpicReadied{Case: 1})},
		{name: "it is made ready once", given: isReady, when: MakeReady{Facts: known()}},
		{name: "not ready without Go", given: withCase, when: MakeReady{Facts: known()}, refuses: ErrNoGo},
		{name: "not ready with a Go on another version", given: after(withGo, BusinessCaseCompleted{second}), when: MakeReady{Facts: known()}, refuses: ErrNoGo},
		{name: "not ready without a theme", given: after(withGo, EpicThemeUnlinked{mobile}), when: MakeReady{Facts: known()}, refuses: ErrNoActiveTheme},
		{name: "not ready with a draft theme", given: withGo, when: MakeReady{Facts: known(themeIs(ThemeDraft))}, refuses: ErrNoActiveTheme},
		{name: "not ready with a retired theme", given: withGo, when: MakeReady{Facts: known(themeIs(ThemeRetired))}, refuses: ErrNoActiveTheme},
		{name: "not ready from review", given: reviewedIt, when: MakeReady{Facts: known()}, refuses: ErrStateSkipped},
		{name: "not ready into a full column", given: withGo, when: MakeReady{Facts: known(full(Ready))}, refuses: ErrWIPFull},
		{name: "ready in a full column with a reason", given: withGo, when: MakeReady{true, "urgent", known(full(Ready))}, then: happened[Epic](EpicReadied{1, over})},

		{name: "the MVP starts", given: isReady, when: StartMvp{ARTs: []ARTID{train}, Facts: known()}, then: happened[Epic](MvpStarted{ARTs: []ARTID{train}})},
		{name: "the MVP starts once", given: inMVP, when: StartMvp{Facts: known()}},
		{name: "no MVP from analysis", given: withGo, when: StartMvp{Facts: known()}, refuses: ErrStateSkipped},
		{name: "no MVP on a case edited since its Go", given: after(isReady, BusinessCaseCompleted{second}), when: StartMvp{Facts: known()}, refuses: ErrNoGo},
		{name: "no MVP when its theme has been retired", given: isReady, when: StartMvp{Facts: known(themeIs(ThemeRetired))}, refuses: ErrNoActiveTheme},
		{name: "no MVP into a full column", given: isReady, when: StartMvp{Facts: known(full(MVP))}, refuses: ErrWIPFull},
		{name: "MVP in a full column with a reason", given: isReady, when: StartMvp{nil, true, "urgent", known(full(MVP))}, then: happened[Epic](MvpStarted{Override: over})},

		{name: "back to the funnel from review", given: inReview, when: ReturnToFunnel{"later"}, then: happened[Epic](EpicReturned{Reviewing, "later"})},
		{name: "back to the funnel from analysis", given: inAnalysis, when: ReturnToFunnel{"later"}, then: happened[Epic](EpicReturned{Analyzing, "later"})},
		{name: "back to the funnel from ready", given: isReady, when: ReturnToFunnel{"later"}, then: happened[Epic](EpicReturned{Ready, "later"})},
		{name: "in the funnel it is already", given: inFunnel, when: ReturnToFunnel{"later"}},
		{name: "not back without a reason", given: inReview, when: ReturnToFunnel{}, refuses: wrong("reason")},
		{name: "not back from the MVP", given: inMVP, when: ReturnToFunnel{"later"}, refuses: ErrNoWayBack},
		{name: "not back from persevere", given: perseveres, when: ReturnToFunnel{"later"}, refuses: ErrNoWayBack},
		{name: "not back from done", given: isDone, when: ReturnToFunnel{"later"}, refuses: ErrEpicDone},
		{name: "returned, it needs a new Go", given: after(isReady, EpicReturned{Ready, "later"}, EpicReviewStarted{}, EpicAnalysisStarted{}), when: MakeReady{Facts: known()}, refuses: ErrNoGo},

		{name: "it is rejected from the funnel", given: inFunnel, when: RejectEpic{"no"}, then: happened[Epic](EpicRejected{Funnel, "no"})},
		{name: "it is rejected from ready", given: isReady, when: RejectEpic{"no"}, then: happened[Epic](EpicRejected{Ready, "no"})},
		{name: "it is rejected once", given: after(inFunnel, EpicRejected{Funnel, "no"}), when: RejectEpic{"no"}},
		{name: "a rejection has a reason", given: inFunnel, when: RejectEpic{}, refuses: wrong("reason")},
		{name: "no rejection during implementation", given: inMVP, when: RejectEpic{"no"}, refuses: ErrOutcomeDue},
		{name: "no rejection of what is done", given: isDone, when: RejectEpic{"no"}, refuses: ErrEpicDone},

		{name: "an indicator is read", given: inMVP, when: RecordIndicator{Indicator: "orders per visit", Value: 1.2}, then: happened[Epic](IndicatorRecorded{reading})},
		{name: "an indicator is read while persevering", given: perseveres, when: RecordIndicator{Indicator: "orders per visit", Value: 1.3}, then: happened[Epic](IndicatorRecorded{Reading{"orders per visit", 1.3, estest.Meta.Time, "", actor}})},
		{name: "the same reading already holds", given: withRead, when: RecordIndicator{Indicator: "orders per visit", Value: 1.2}},
		{name: "an indicator is one of the hypothesis", given: inMVP, when: RecordIndicator{Indicator: "visits", Value: 1}, refuses: wrong("indicator")},
		{name: "an indicator has a name", given: inMVP, when: RecordIndicator{Value: 1}, refuses: wrong("indicator")},
		{name: "a reading is not of tomorrow", given: inMVP, when: RecordIndicator{Indicator: "orders per visit", At: estest.Meta.Time.Add(time.Hour)}, refuses: wrong("at")},
		{name: "no reading before the MVP", given: isReady, when: RecordIndicator{Indicator: "orders per visit"}, refuses: ErrNotImplementing},
		{name: "no reading when it is done", given: isDone, when: RecordIndicator{Indicator: "orders per visit"}, refuses: ErrEpicDone},

		{name: "it perseveres", given: withRead, when: DecideOutcome{Outcome: ToPersevere, Reason: "proven", Facts: known()}, then: happened[Epic](EpicPersevered{Reason: "proven", By: actor, Readings: 1})},
		{name: "it perseveres already", given: perseveres, when: DecideOutcome{Outcome: ToPersevere, Facts: known()}},
		{name: "it pivots into a new epic", given: withRead, when: DecideOutcome{Outcome: ToPivot, Reason: "wrong users", Title: "Desk Shop"}, then: happened[Epic](EpicPivoted{"wrong users", actor, 1, es.MetaID[Epic](estest.Meta, 0), "Desk Shop", retail, BusinessEpic, anna, []ThemeID{mobile}, nil})},
		{name: "it pivots under its own title", given: withRead, when: DecideOutcome{Outcome: ToPivot, Reason: "wrong users"}, then: happened[Epic](EpicPivoted{"wrong users", actor, 1, es.MetaID[Epic](estest.Meta, 0), "Pocket Shop", retail, BusinessEpic, anna, []ThemeID{mobile}, nil})},
		{name: "it stops", given: withRead, when: DecideOutcome{Outcome: ToStop, Reason: "disproven"}, then: happened[Epic](EpicStopped{"disproven", actor, 1})},
		{name: "it stops after persevering", given: perseveres, when: DecideOutcome{Outcome: ToStop, Reason: "disproven"}, then: happened[Epic](EpicStopped{"disproven", actor, 1})},
		{name: "it has stopped already", given: after(withRead, EpicStopped{"disproven", actor, 1}), when: DecideOutcome{Outcome: ToStop, Reason: "disproven"}},
		{name: "no outcome without a reading", given: inMVP, when: DecideOutcome{Outcome: ToPersevere, Facts: known()}, refuses: ErrNoReading},
		{name: "no stop without a reading", given: inMVP, when: DecideOutcome{Outcome: ToStop, Reason: "no"}, refuses: ErrNoReading},
		{name: "no outcome before the MVP", given: isReady, when: DecideOutcome{Outcome: ToPersevere, Facts: known()}, refuses: ErrStateSkipped},
		{name: "no outcome when it is done", given: isDone, when: DecideOutcome{Outcome: ToPivot, Reason: "x"}, refuses: ErrEpicDone},
		{name: "no pivot without a reason", given: withRead, when: DecideOutcome{Outcome: ToPivot}, refuses: wrong("reason")},
		{name: "no stop without a reason", given: withRead, when: DecideOutcome{Outcome: ToStop}, refuses: wrong("reason")},
		{name: "an outcome is one of three", given: withRead, when: DecideOutcome{Outcome: "wait"}, refuses: wrong("outcome")},
		{name: "it does not persevere without an active theme", given: withRead, when: DecideOutcome{Outcome: ToPersevere, Facts: known(themeIs(ThemeRetired))}, refuses: ErrNoActiveTheme},
		{name: "it does not persevere into a full column", given: withRead, when: DecideOutcome{Outcome: ToPersevere, Facts: known(full(Persevere))}, refuses: ErrWIPFull},
		{name: "it perseveres in a full column with a reason", given: withRead, when: DecideOutcome{Outcome: ToPersevere, Reason: "urgent", Override: true, Facts: known(full(Persevere))}, then: happened[Epic](EpicPersevered{"urgent", actor, 1, over})},

		{name: "it is finished", given: perseveres, when: FinishEpic{"enough value"}, then: happened[Epic](EpicDone{"enough value", actor})},
		{name: "it is finished once", given: isDone, when: FinishEpic{"enough value"}},
		{name: "not finished from the MVP", given: withRead, when: FinishEpic{"enough value"}, refuses: ErrStateSkipped},
		{name: "not finished without a reason", given: perseveres, when: FinishEpic{}, refuses: wrong("reason")},
		{name: "not finished when it was stopped", given: after(withRead, EpicStopped{"disproven", actor, 1}), when: FinishEpic{"enough"}, refuses: ErrEpicDone},
	})
	for want, past := range map[EpicState][]es.Event[Epic]{Funnel: inFunnel, Reviewing: inReview, Analyzing: inAnalysis,
		Ready: isReady, MVP: inMVP, Persevere: perseveres, Done: isDone} {
		if got := journey(t, past); got != want {
			t.Errorf("it is in %s, want %s", got, want)
		}
	}
}

// Every gap of the gate out of reviewing is named at once.
func TestEpicGateNamesEveryGap(t *testing.T) {
	s := estest.Given(EpicSchema, inReview...)
	for _, want := range []error{ErrNoEpicOwner, ErrHypothesisIncomplete, ErrEpicUnscored} {
		s.When(StartAnalysis{Facts: known()}).Refuses(t, want)
	}
}

// A move decides, refuses and needs the right of the command that it stands for.
func TestEpicMoveIsTheCommandOfItsColumn(t *testing.T) {
	pasts := map[EpicState][]es.Event[Epic]{Funnel: inFunnel, Reviewing: reviewedIt, Analyzing: withGo, Ready: isReady,
		MVP: withRead, Persevere: perseveres, Done: isDone}
	for from, past := range pasts {
		for _, to := range EpicStates {
			if from == to {
				continue
			}
			for _, f := range []EpicFacts{known(), known(full(to)), known(themeIs(ThemeRetired))} {
				for _, reason := range []string{"", "why"} {
					var command es.Command[Epic]
					var right rights.Decision
					switch to {
					case Funnel:
						command = ReturnToFunnel{reason}
						if from == Analyzing || from == Ready { // with its Go
							right = "epic.go_nogo"
						}
					case Reviewing:
						command = StartReview{reason != "", reason, f}
					case Analyzing:
						command = StartAnalysis{reason != "", reason, f}
					case Ready:
						command = MakeReady{reason != "", reason, f}
					case MVP:
						command = StartMvp{nil, reason != "", reason, f}
					case Persevere:
						command, right = DecideOutcome{Outcome: ToPersevere, Reason: reason, Override: reason != "", Facts: f}, "epic.outcome"
					case Done:
						switch from {
						case MVP:
							command, right = DecideOutcome{Outcome: ToStop, Reason: reason}, "epic.outcome"
						case Persevere:
							command, right = FinishEpic{reason}, "epic.outcome"
						default:
							command, right = RejectEpic{reason}, "epic.go_nogo"
						}
					}
					move := MoveEpic{to, reason, reason != "", f}
					state := estest.Given(EpicSchema, past...).State(t)
					want, refusal := command.Decide(state, estest.Meta)
					told := estest.Given(EpicSchema, past...).When(move)
					if refusal == nil {
						told.Then(t, want...)
					}
					for _, r := range fail.All(refusal) {
						told.Refuses(t, r)
					}
					if got := move.Right(state); got != right {
						t.Errorf("%s to %s needs %q, want %q", from, to, got, right)
					}
				}
			}
		}
	}
}

// From each state a move reaches only the next one, the funnel and done.
func TestEpicMoveReaches(t *testing.T) {
	reaches := map[EpicState][]EpicState{
		Funnel: {Reviewing, Done}, Reviewing: {Funnel, Analyzing, Done}, Analyzing: {Funnel, Ready, Done},
		Ready: {Funnel, MVP, Done}, MVP: {Persevere, Done}, Persevere: {Done}, Done: {},
	}
	pasts := map[EpicState][]es.Event[Epic]{Funnel: inFunnel, Reviewing: reviewedIt, Analyzing: withGo, Ready: isReady,
		MVP: withRead, Persevere: perseveres, Done: isDone}
	for from, to := range reaches {
		state := estest.Given(EpicSchema, pasts[from]...).State(t)
		for _, column := range EpicStates {
			events, err := MoveEpic{To: column, Reason: "why", Facts: known()}.Decide(state, estest.Meta)
			switch {
			case column == from:
				if err != nil || len(events) > 0 {
					t.Errorf("%s to itself: %v, %v", from, events, err)
				}
			case slices.Contains(to, column) != (err == nil):
				t.Errorf("%s to %s: %v", from, column, err)
			}
		}
	}
	if _, err := (MoveEpic{To: "parked"}).Decide(estest.Given(EpicSchema, inFunnel...).State(t), estest.Meta); err == nil {
		t.Error("it moved to a column that is not there")
	}
}

func TestEpicScope(t *testing.T) {
	for _, s := range []struct {
		streams []ValueStreamID
		want    string
	}{{nil, ""}, {[]ValueStreamID{checkout}, checkout.String()}, {[]ValueStreamID{checkout, "0b"}, ""}} {
		got := Epic{Portfolio: retail, ValueStreams: s.streams}.Scope()
		if want := (rights.Scope{Portfolio: retail.String(), ValueStream: s.want}); got != want {
			t.Errorf("%v: %+v", s.streams, got)
		}
	}
	if got := fmt.Sprint(SubmitEpic{Portfolio: retail}.Scope()); got != fmt.Sprint(Epic{Portfolio: retail}.Scope()) {
		t.Errorf("submitted into %s", got)
	}
}
