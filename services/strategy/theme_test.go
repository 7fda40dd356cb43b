package strategy

import (
	"testing"

	"throughline.dev/pkg/es/estest"
)

func TestTheme(t *testing.T) {
	text := ThemeText{Title: "Mobile first", Owner: anna, Weight: 40, BudgetShare: 33.5}
	unowned, measured := text, text
	unowned.Owner = ""
	measured.Measures = []string{"share of mobile orders"}
	proposed := happened[StrategicTheme](ThemeProposed{"TH-1", retail, text})
	adopted := after(proposed, ThemeAdopted{Unmeasured: true})
	retired := after(adopted, ThemeRetirement{Reason: "done"})
	active := Portfolio{ID: retail, State: PortfolioActive, Configuration: Essential}
	archived := active
	archived.State = PortfolioClosed
	change := func(f func(*ThemeText)) ThemeText { c := text; f(&c); return c }
	tell(t, ThemeSchema, []sentence[StrategicTheme]{
		{name: "it is proposed", when: ProposeTheme{retail, text, active}, then: happened[StrategicTheme](ThemeProposed{"X-1", retail, text})},
		{name: "the same wish already holds", given: proposed, when: ProposeTheme{retail, text, active}},
		{name: "another wish for the same theme is refused", given: proposed, when: ProposeTheme{retail, measured, active}, refuses: ErrThemeExists},
		{name: "it has a title", when: ProposeTheme{retail, ThemeText{}, active}, refuses: wrong("title")},
		{name: "its weight is at most 100", when: ProposeTheme{retail, change(func(x *ThemeText) { x.Weight = 101 }), active}, refuses: wrong("weight")},
		{name: "its share is at most 100", when: ProposeTheme{retail, change(func(x *ThemeText) { x.BudgetShare = 100.1 }), active}, refuses: wrong("budgetShare")},
		{name: "its share is not negative", when: ProposeTheme{retail, change(func(x *ThemeText) { x.BudgetShare = -1 }), active}, refuses: wrong("budgetShare")},
		{name: "its portfolio is there", when: ProposeTheme{retail, text, Portfolio{}}, refuses: wrong("portfolio")},
		{name: "not in an archived portfolio", when: ProposeTheme{retail, text, archived}, refuses: ErrPortfolioArchived},
		{name: "it is adopted with a warning that nothing measures it", given: proposed, when: AdoptTheme{}, then: happened[StrategicTheme](ThemeAdopted{Unmeasured: true})},
		{name: "it is adopted with an objective", given: proposed, when: AdoptTheme{Objectives: 1}, then: happened[StrategicTheme](ThemeAdopted{})},
		{name: "it is adopted with a measure", given: happened[StrategicTheme](ThemeProposed{"TH-1", retail, measured}), when: AdoptTheme{}, then: happened[StrategicTheme](ThemeAdopted{})},
		{name: "it is adopted once", given: adopted, when: AdoptTheme{}},
		{name: "not adopted without owner", given: happened[StrategicTheme](ThemeProposed{"TH-1", retail, unowned}), when: AdoptTheme{Objectives: 1}, refuses: ErrNoThemeOwner},
		{name: "not adopted when it is retired", given: retired, when: AdoptTheme{}, refuses: ErrThemeRetired},
		{name: "it is revised", given: adopted, when: ReviseTheme{measured}, then: happened[StrategicTheme](ThemeRevised{measured})},
		{name: "it says so already", given: adopted, when: ReviseTheme{text}},
		{name: "active it keeps an owner", given: adopted, when: ReviseTheme{unowned}, refuses: ErrNoThemeOwner},
		{name: "as a draft it may lose its owner", given: proposed, when: ReviseTheme{unowned}, then: happened[StrategicTheme](ThemeRevised{unowned})},
		{name: "not revised when it is retired", given: retired, when: ReviseTheme{measured}, refuses: ErrThemeRetired},
		{name: "it is retired", given: adopted, when: RetireTheme{Reason: "done"}, then: happened[StrategicTheme](ThemeRetirement{Reason: "done"})},
		{name: "as a draft it is retired too", given: proposed, when: RetireTheme{Reason: "no"}, then: happened[StrategicTheme](ThemeRetirement{Reason: "no"})},
		{name: "it is retired once", given: retired, when: RetireTheme{Reason: "done"}},
		{name: "retiring has a reason", given: adopted, when: RetireTheme{}, refuses: wrong("reason")},
		{name: "another theme takes over", given: adopted, when: RetireTheme{"done", cloud, StrategicTheme{State: ThemeActive, Portfolio: retail}}, then: happened[StrategicTheme](ThemeRetirement{"done", cloud})},
		{name: "a successor is there", given: adopted, when: RetireTheme{"done", cloud, StrategicTheme{}}, refuses: wrong("successor")},
		{name: "a successor is of the same portfolio", given: adopted, when: RetireTheme{"done", cloud, StrategicTheme{State: ThemeActive, Portfolio: other}}, refuses: wrong("successor")},
		{name: "a successor is not retired", given: adopted, when: RetireTheme{"done", cloud, StrategicTheme{State: ThemeRetired, Portfolio: retail}}, refuses: ErrSuccessorGone},
	})
	if s := estest.Given(ThemeSchema, after(adopted, ThemeRevised{measured})...).State(t); s.Unmeasured {
		t.Error("a measure does not take the warning away")
	}
}
