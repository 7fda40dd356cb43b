package strategy

import (
	"testing"

	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/rights"
)

func TestPortfolio(t *testing.T) {
	defined := happened[Portfolio](PortfolioDefined{ID: retail, Name: "Retail", Currency: "EUR", Configuration: Full})
	archived := after(defined, PortfolioArchived{"merged"})
	policy := Kanban{WIP: map[EpicState]int{Reviewing: 3}, Columns: map[EpicState]Column{MVP: {Label: "Trying"}}}
	ranges := []HorizonTarget{{"h3", 5, 20}, {"h2", 10, 30}, {"h1", 40, 80}, {"h0", 0, 5}}
	canvas := Canvas{"solutions": {"shop", "app"}}
	with := func(change func(h []HorizonTarget)) []HorizonTarget {
		h := append([]HorizonTarget(nil), ranges...)
		change(h)
		return h
	}
	tell(t, PortfolioSchema, []sentence[Portfolio]{
		{name: "it is defined with the portfolio level", when: DefinePortfolio{Name: " Retail ", ID: retail}, then: happened[Portfolio](PortfolioDefined{ID: retail, Name: "Retail", Configuration: WithPortfolio})},
		{name: "the same wish already holds", given: defined, when: DefinePortfolio{Name: "Retail", Configuration: Full}},
		{name: "another wish for the same portfolio is refused", given: defined, when: DefinePortfolio{Name: "Wholesale"}, refuses: ErrPortfolioExists},
		{name: "it has a name", when: DefinePortfolio{}, refuses: wrong("name")},
		{name: "it has one of four configurations", when: DefinePortfolio{Name: "A", Configuration: "huge"}, refuses: wrong("configuration")},
		{name: "its currency is a code", when: DefinePortfolio{Name: "A", Currency: "eur"}, refuses: wrong("currency")},

		{name: "it is revised", given: defined, when: RevisePortfolio{Name: "Shops", Owner: anna, Currency: "EUR"}, then: happened[Portfolio](PortfolioRevised{Name: "Shops", Owner: anna, Currency: "EUR"})},
		{name: "it says so already", given: defined, when: RevisePortfolio{Name: "Retail", Currency: "EUR"}},
		{name: "archived it is not revised", given: archived, when: RevisePortfolio{Name: "Shops"}, refuses: ErrPortfolioArchived},

		{name: "a configuration is selected", given: defined, when: SelectConfiguration{Configuration: Essential}, then: happened[Portfolio](ConfigurationSelected{Essential})},
		{name: "it is selected already", given: defined, when: SelectConfiguration{Configuration: Full, Use: PortfolioUse{OpenEpics: 1}}},
		{name: "a switch that hides epics is refused", given: defined, when: SelectConfiguration{Configuration: LargeSolution, Use: PortfolioUse{OpenEpics: 1}}, refuses: ErrLevelInUse},
		{name: "a switch that hides value streams is refused", given: defined, when: SelectConfiguration{Configuration: Essential, Use: PortfolioUse{ValueStreams: 1}}, refuses: ErrLevelInUse},
		{name: "a switch that hides capabilities is refused", given: after(defined, LevelUsed{SolutionLevel}), when: SelectConfiguration{Configuration: WithPortfolio}, refuses: ErrLevelInUse},
		{name: "a switch that hides nothing used is made", given: after(defined, LevelUsed{SolutionLevel}), when: SelectConfiguration{Configuration: LargeSolution}, then: happened[Portfolio](ConfigurationSelected{LargeSolution})},
		{name: "a configuration is one of four", given: defined, when: SelectConfiguration{Configuration: "safe"}, refuses: wrong("configuration")},
		{name: "archived it is not reconfigured", given: archived, when: SelectConfiguration{Configuration: Essential}, refuses: ErrPortfolioArchived},
		{name: "a level is used", given: defined, when: UseLevel{SolutionLevel}, then: happened[Portfolio](LevelUsed{SolutionLevel})},
		{name: "a level is used already", given: after(defined, LevelUsed{SolutionLevel}), when: UseLevel{SolutionLevel}},
		{name: "a level is one of two", given: defined, when: UseLevel{"team"}, refuses: wrong("level")},

		{name: "the Kanban policy is set", given: defined, when: SetKanbanPolicy{policy}, then: happened[Portfolio](KanbanPolicySet{policy})},
		{name: "the Kanban policy is set already", given: after(defined, KanbanPolicySet{policy}), when: SetKanbanPolicy{policy}},
		{name: "a limit below one is wrong", given: defined, when: SetKanbanPolicy{Kanban{WIP: map[EpicState]int{MVP: 0}}}, refuses: wrong("wip.mvp")},
		{name: "a limit on the funnel is wrong", given: defined, when: SetKanbanPolicy{Kanban{WIP: map[EpicState]int{Funnel: 5}}}, refuses: wrong("wip.funnel")},
		{name: "a limit on done is wrong", given: defined, when: SetKanbanPolicy{Kanban{WIP: map[EpicState]int{Done: 5}}}, refuses: wrong("wip.done")},
		{name: "a limit is on a state", given: defined, when: SetKanbanPolicy{Kanban{WIP: map[EpicState]int{"later": 5}}}, refuses: wrong("wip.later")},
		{name: "a column is a state", given: defined, when: SetKanbanPolicy{Kanban{Columns: map[EpicState]Column{"later": {}}}}, refuses: wrong("columns.later")},
		{name: "archived it keeps its policy", given: archived, when: SetKanbanPolicy{policy}, refuses: ErrPortfolioArchived},

		{name: "the epic threshold is set", given: defined, when: SetEpicThreshold{Threshold{Cost: &Money{5, "EUR"}, PIs: 2}}, then: happened[Portfolio](EpicThresholdSet{Threshold{Cost: &Money{5, "EUR"}, PIs: 2}})},
		{name: "the epic threshold is set already", given: after(defined, EpicThresholdSet{Threshold{PIs: 2}}), when: SetEpicThreshold{Threshold{PIs: 2}}},
		{name: "a threshold has a part", given: defined, when: SetEpicThreshold{}, refuses: wrong("")},
		{name: "a threshold is in the portfolio's currency", given: defined, when: SetEpicThreshold{Threshold{Cost: &Money{5, "USD"}}}, refuses: wrong("cost.currency")},
		{name: "a threshold is not negative", given: defined, when: SetEpicThreshold{Threshold{PIs: -1}}, refuses: wrong("pis")},
		{name: "archived it keeps its threshold", given: archived, when: SetEpicThreshold{Threshold{PIs: 2}}, refuses: ErrPortfolioArchived},

		{name: "horizon targets are set", given: defined, when: SetHorizonTargets{ranges}, then: happened[Portfolio](HorizonTargetsSet{ranges})},
		{name: "horizon targets are set already", given: after(defined, HorizonTargetsSet{ranges}), when: SetHorizonTargets{ranges}},
		{name: "a range does not end below its start", given: defined, when: SetHorizonTargets{with(func(h []HorizonTarget) { h[0].Min = 30 })}, refuses: wrong("targets")},
		{name: "least shares above 100 are wrong", given: defined, when: SetHorizonTargets{with(func(h []HorizonTarget) { h[0].Min, h[0].Max, h[2].Min = 60, 60, 80 })}, refuses: wrong("targets")},
		{name: "most shares below 100 are wrong", given: defined, when: SetHorizonTargets{with(func(h []HorizonTarget) { h[2].Max = 40 })}, refuses: wrong("targets")},
		{name: "a share is at most 100", given: defined, when: SetHorizonTargets{with(func(h []HorizonTarget) { h[2].Max = 101 })}, refuses: wrong("targets")},
		{name: "a horizon is there once", given: defined, when: SetHorizonTargets{with(func(h []HorizonTarget) { h[1].Horizon = "h3" })}, refuses: wrong("targets")},
		{name: "a horizon is one of four", given: defined, when: SetHorizonTargets{with(func(h []HorizonTarget) { h[1].Horizon = "h9" })}, refuses: wrong("targets.horizon")},
		{name: "archived it keeps its targets", given: archived, when: SetHorizonTargets{ranges}, refuses: ErrPortfolioArchived},

		{name: "the vision is updated", given: defined, when: UpdatePortfolioVision{"Dear us, in 2030 …"}, then: happened[Portfolio](PortfolioVisionUpdated{"Dear us, in 2030 …"})},
		{name: "the vision says so already", given: after(defined, PortfolioVisionUpdated{"2030"}), when: UpdatePortfolioVision{"2030"}},
		{name: "archived it keeps its vision", given: archived, when: UpdatePortfolioVision{"2030"}, refuses: ErrPortfolioArchived},
		{name: "the current canvas is updated", given: defined, when: UpdateCanvas{"current", canvas}, then: happened[Portfolio](CanvasUpdated{"current", canvas})},
		{name: "the future canvas is another one", given: after(defined, CanvasUpdated{"current", canvas}), when: UpdateCanvas{"future", canvas}, then: happened[Portfolio](CanvasUpdated{"future", canvas})},
		{name: "the future canvas says so already", given: after(defined, CanvasUpdated{"future", canvas}), when: UpdateCanvas{"future", canvas}},
		{name: "a canvas is current or future", given: defined, when: UpdateCanvas{"past", canvas}, refuses: wrong("which")},
		{name: "a canvas has no blank lines", given: defined, when: UpdateCanvas{"current", Canvas{"solutions": {" "}}}, refuses: wrong("cells.solutions")},
		{name: "archived it keeps its canvas", given: archived, when: UpdateCanvas{"current", canvas}, refuses: ErrPortfolioArchived},

		{name: "it is archived", given: defined, when: ArchivePortfolio{Reason: "merged"}, then: happened[Portfolio](PortfolioArchived{"merged"})},
		{name: "it is archived once", given: archived, when: ArchivePortfolio{Reason: "merged"}},
		{name: "archiving has a reason", given: defined, when: ArchivePortfolio{}, refuses: wrong("reason")},
		{name: "not with open epics", given: defined, when: ArchivePortfolio{Reason: "merged", Use: PortfolioUse{OpenEpics: 1}}, refuses: ErrPortfolioInUse},
		{name: "not with value streams", given: defined, when: ArchivePortfolio{Reason: "merged", Use: PortfolioUse{ValueStreams: 1}}, refuses: ErrPortfolioInUse},
	})
	s := estest.Given(PortfolioSchema, after(defined, KanbanPolicySet{policy}, LevelUsed{SolutionLevel}, LevelUsed{SolutionLevel})...).State(t)
	if got := s.Kanban.Column(MVP); got.Label != "Trying" || got.Enter != DefaultColumns[MVP].Enter {
		t.Errorf("the MVP column is %+v", got)
	}
	if len(s.Levels) != 1 || s.Scope() != (rights.Scope{Portfolio: retail.String()}) {
		t.Errorf("levels %v, scope %+v", s.Levels, s.Scope())
	}
}

func TestThresholdExceeded(t *testing.T) {
	limit := Threshold{Cost: &Money{100, "EUR"}, PIs: 2, Strategic: "anything with payments"}
	for _, v := range []struct {
		name      string
		t         Threshold
		cost      Money
		pis       int
		strategic bool
		want      bool
	}{
		{"below all of it", limit, Money{100, "EUR"}, 2, false, false},
		{"dearer", limit, Money{101, "EUR"}, 0, false, true},
		{"longer", limit, Money{}, 3, false, true},
		{"strategic", limit, Money{}, 0, true, true},
		{"another currency does not compare", limit, Money{101, "USD"}, 0, false, false},
		{"a part that is not set does not count", Threshold{Cost: limit.Cost}, Money{}, 9, true, false},
	} {
		if got := v.t.Exceeded(v.cost, v.pis, v.strategic); got != v.want {
			t.Errorf("%s: %v", v.name, got)
		}
	}
}

func TestConfigurationLevels(t *testing.T) {
	for c, want := range map[Configuration][2]bool{Essential: {false, false}, LargeSolution: {false, true}, WithPortfolio: {true, false}, Full: {true, true}} {
		if got := [2]bool{c.Has(PortfolioLevel), c.Has(SolutionLevel)}; got != want {
			t.Errorf("%s has %v, want %v", c, got, want)
		}
	}
}
