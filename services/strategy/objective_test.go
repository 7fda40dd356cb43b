package strategy

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
)

const (
	kr1   KeyResultID = "0keyresult0000000000000001"
	above ObjectiveID = "0above00000000000000000000"
)

func TestObjective(t *testing.T) {
	now := estest.Meta.Time
	text := ObjectiveText{Title: "Win mobile", Kind: "committed", From: "2026-10-01", To: "2026-12-31"}
	orders := Measure{Title: "Orders", Kind: FromTo, Unit: "per day", Baseline: 100, Target: 200, Weight: 1}
	defined := happened[Objective](ObjectiveDefined{Key: "X-1", Portfolio: retail, Theme: mobile, ObjectiveText: text})
	active := after(defined, KeyResultAdded{kr1, orders})
	checked := after(active, KeyResultCheckedIn{kr1, CheckIn{Value: 150, At: now, By: actor}})
	graded := after(checked, ObjectiveGraded{Grade: 0.7, Score: ptr(0.5), By: actor})
	closed := after(graded, ObjectiveClosed{})
	five := active
	for i := range 4 {
		five = after(five, KeyResultAdded{es.MetaID[KeyResult](estest.Meta, 10+i), Measure{Title: "More", Kind: FromTo, Unit: "u", Target: float64(i + 1), Weight: 1}})
	}
	ok := ObjectiveFacts{Portfolio: Portfolio{ID: retail, State: PortfolioActive}, Product: true, Theme: StrategicTheme{State: ThemeActive, Portfolio: retail},
		Parent: Objective{State: ObjectiveActive}}
	with := func(change func(*ObjectiveFacts)) ObjectiveFacts { f := ok; change(&f); return f }
	wish := func(change ...func(*DefineObjective)) DefineObjective {
		c := DefineObjective{Portfolio: retail, Theme: mobile, ObjectiveText: text, Facts: ok}
		for _, f := range change {
			f(&c)
		}
		return c
	}
	measure := func(change func(*Measure)) Measure { m := orders; change(&m); return m }
	tell(t, ObjectiveSchema, []sentence[Objective]{
		{name: "it is defined", when: wish(), then: defined},
		{name: "it is defined with key results", when: wish(func(c *DefineObjective) {
			c.KeyResults = []Measure{{Title: "Orders", Unit: "per day", Baseline: 100, Target: 200}}
		}), then: after(defined, KeyResultAdded{es.MetaID[KeyResult](estest.Meta, 0), orders})},
		{name: "the same wish already holds", given: defined, when: wish()},
		{name: "another wish for the same objective is refused", given: defined, when: wish(func(c *DefineObjective) { c.Title = "Lose" }), refuses: ErrObjectiveExists},
		{name: "it has a title", when: wish(func(c *DefineObjective) { c.Title = "" }), refuses: wrong("title")},
		{name: "it is committed or aspirational", when: wish(func(c *DefineObjective) { c.Kind = "maybe" }), refuses: wrong("kind")},
		{name: "its period has an end", when: wish(func(c *DefineObjective) { c.To = "" }), refuses: wrong("to")},
		{name: "its period has a start", when: wish(func(c *DefineObjective) { c.From = "" }), refuses: wrong("from")},
		{name: "its period ends after its start", when: wish(func(c *DefineObjective) { c.To = "2026-09-30" }), refuses: wrong("to")},
		{name: "it is somebody's", when: wish(func(c *DefineObjective) { c.Portfolio = "" }), refuses: wrong("portfolio")},
		{name: "its portfolio is there", when: wish(func(c *DefineObjective) { c.Facts.Portfolio = Portfolio{} }), refuses: wrong("portfolio")},
		{name: "not in an archived portfolio", when: wish(func(c *DefineObjective) { c.Facts.Portfolio.State = PortfolioClosed }), refuses: ErrPortfolioArchived},
		{name: "its product is there", when: wish(func(c *DefineObjective) { c.Product, c.Facts.Product = shop, false }), refuses: wrong("product")},
		{name: "its theme is there", when: wish(func(c *DefineObjective) { c.Facts.Theme = StrategicTheme{} }), refuses: wrong("theme")},
		{name: "its theme is of its portfolio", when: wish(func(c *DefineObjective) { c.Facts.Theme.Portfolio = other }), refuses: wrong("theme")},
		{name: "its theme is not retired", when: wish(func(c *DefineObjective) { c.Facts.Theme.State = ThemeRetired }), refuses: ErrThemeRetired},
		{name: "its parent is there", when: wish(func(c *DefineObjective) { c.Parent, c.Facts.Parent = above, Objective{} }), refuses: wrong("parent")},
		{name: "its parent is not closed", when: wish(func(c *DefineObjective) { c.Parent, c.Facts.Parent.State = above, ObjectiveIsClosed }), refuses: ErrObjectiveClosed},
		{name: "not with more than five key results", when: wish(func(c *DefineObjective) { c.KeyResults = make([]Measure, 6) }), refuses: ErrTooManyKeyResults},
		{name: "not with a key result without unit", when: wish(func(c *DefineObjective) { c.KeyResults = []Measure{{Title: "a", Target: 1}} }), refuses: ErrNoUnit},

		{name: "it is revised", given: active, when: ReviseObjective{ObjectiveText{Title: "Win"}}, then: happened[Objective](ObjectiveRevised{ObjectiveText{Title: "Win", Kind: "committed"}})},
		{name: "it says so already", given: active, when: ReviseObjective{text}},
		{name: "graded it is not revised", given: graded, when: ReviseObjective{ObjectiveText{Title: "Win"}}, refuses: ErrObjectiveGraded},
		{name: "closed it is not revised", given: closed, when: ReviseObjective{ObjectiveText{Title: "Win"}}, refuses: ErrObjectiveClosed},
		{name: "its theme is set", given: active, when: SetObjectiveTheme{"", ok}, then: happened[Objective](ObjectiveThemeSet{})},
		{name: "its theme is set already", given: active, when: SetObjectiveTheme{mobile, ok}},
		{name: "a retired theme is not set", given: active, when: SetObjectiveTheme{cloud, with(func(f *ObjectiveFacts) { f.Theme.State = ThemeRetired })}, refuses: ErrThemeRetired},
		{name: "graded it keeps its theme", given: graded, when: SetObjectiveTheme{"", ok}, refuses: ErrObjectiveGraded},
		{name: "it contributes to another", given: active, when: SetObjectiveParent{above, ok}, then: happened[Objective](ObjectiveParentSet{above})},
		{name: "it contributes to none already", given: active, when: SetObjectiveParent{"", ok}},
		{name: "it does not contribute to itself", given: active, when: SetObjectiveParent{above, with(func(f *ObjectiveFacts) { f.Cycle = true })}, refuses: ErrObjectiveCycle},
		{name: "graded it keeps its parent", given: graded, when: SetObjectiveParent{above, ok}, refuses: ErrObjectiveGraded},

		{name: "a key result is added", given: defined, when: AddKeyResult{Measure{Title: " Orders ", Unit: "per day", Baseline: 100, Target: 200}}, then: happened[Objective](KeyResultAdded{es.MetaID[KeyResult](estest.Meta, 0), orders})},
		{name: "the same key result is there already", given: active, when: AddKeyResult{orders}},
		{name: "a key result has something to move", given: defined, when: AddKeyResult{measure(func(m *Measure) { m.Target = 100 })}, refuses: ErrNothingToMove},
		{name: "a key result to keep needs no baseline", given: defined, when: AddKeyResult{Measure{Title: "Up", Kind: KeepAbove, Unit: "%"}}, then: happened[Objective](KeyResultAdded{es.MetaID[KeyResult](estest.Meta, 0), Measure{Title: "Up", Kind: KeepAbove, Unit: "%", Weight: 1}})},
		{name: "a key result has a unit", given: defined, when: AddKeyResult{measure(func(m *Measure) { m.Unit = " " })}, refuses: ErrNoUnit},
		{name: "a key result has a title", given: defined, when: AddKeyResult{measure(func(m *Measure) { m.Title = "" })}, refuses: wrong("title")},
		{name: "a key result is of a kind", given: defined, when: AddKeyResult{measure(func(m *Measure) { m.Kind = "do" })}, refuses: wrong("kind")},
		{name: "a weight is not negative", given: defined, when: AddKeyResult{measure(func(m *Measure) { m.Weight = -1 })}, refuses: wrong("weight")},
		{name: "a sixth key result is refused", given: five, when: AddKeyResult{measure(func(m *Measure) { m.Title = "Sixth" })}, refuses: ErrTooManyKeyResults},
		{name: "graded it gets no key result", given: graded, when: AddKeyResult{measure(func(m *Measure) { m.Title = "Late" })}, refuses: ErrObjectiveGraded},
		{name: "closed it gets no key result", given: closed, when: AddKeyResult{orders}, refuses: ErrObjectiveClosed},

		{name: "a key result is rebased", given: active, when: RebaseKeyResult{kr1, nil, ptr(300.0), "market doubled"}, then: happened[Objective](KeyResultRebased{kr1, 100, 300, "market doubled"})},
		{name: "it is based so already", given: active, when: RebaseKeyResult{kr1, ptr(100.0), ptr(200.0), "why"}},
		{name: "rebasing has a reason", given: active, when: RebaseKeyResult{KeyResult: kr1, Target: ptr(300.0)}, refuses: wrong("reason")},
		{name: "a rebased key result has something to move", given: active, when: RebaseKeyResult{kr1, nil, ptr(100.0), "why"}, refuses: ErrNothingToMove},
		{name: "only one that is there is rebased", given: active, when: RebaseKeyResult{"0no", nil, ptr(1.0), "why"}, refuses: wrong("keyResult")},
		{name: "graded it is not rebased", given: graded, when: RebaseKeyResult{kr1, nil, ptr(1.0), "why"}, refuses: ErrObjectiveGraded},
		{name: "a key result is dropped", given: active, when: DropKeyResult{kr1, "moot"}, then: happened[Objective](KeyResultDropped{kr1, "moot"})},
		{name: "dropping has a reason", given: active, when: DropKeyResult{kr1, ""}, refuses: wrong("reason")},
		{name: "only one that is there is dropped", given: active, when: DropKeyResult{"0no", "why"}, refuses: wrong("keyResult")},
		{name: "graded it drops nothing", given: graded, when: DropKeyResult{kr1, "moot"}, refuses: ErrObjectiveGraded},

		{name: "a value is checked in", given: active, when: CheckInKeyResult{KeyResult: kr1, Value: 150, Confidence: 7}, then: happened[Objective](KeyResultCheckedIn{kr1, CheckIn{150, now, 7, "", actor}})},
		{name: "the same value is in already", given: checked, when: CheckInKeyResult{KeyResult: kr1, Value: 150}},
		{name: "a late value is checked in while graded", given: graded, when: CheckInKeyResult{KeyResult: kr1, Value: 160}, then: happened[Objective](KeyResultCheckedIn{kr1, CheckIn{Value: 160, At: now, By: actor}})},
		{name: "no check-in after close", given: closed, when: CheckInKeyResult{KeyResult: kr1, Value: 160}, refuses: ErrObjectiveClosed},
		{name: "no check-in of tomorrow", given: active, when: CheckInKeyResult{KeyResult: kr1, At: now.Add(time.Minute)}, refuses: wrong("at")},
		{name: "confidence is at most 10", given: active, when: CheckInKeyResult{KeyResult: kr1, Confidence: 11}, refuses: wrong("confidence")},
		{name: "only one that is there is checked in", given: active, when: CheckInKeyResult{KeyResult: "0no"}, refuses: wrong("keyResult")},

		{name: "it is graded next to its score", given: checked, when: GradeObjective{Grade: 0.7}, then: happened[Objective](ObjectiveGraded{Grade: 0.7, Score: ptr(0.5), By: actor})},
		{name: "it is graded so already", given: graded, when: GradeObjective{Grade: 0.7}},
		{name: "it is graded anew", given: graded, when: GradeObjective{Grade: 0.6, Note: "late"}, then: happened[Objective](ObjectiveGraded{Grade: 0.6, Score: ptr(0.5), Note: "late", By: actor})},
		{name: "a grade is at most 1", given: checked, when: GradeObjective{Grade: 1.01}, refuses: wrong("grade")},
		{name: "a grade is at least 0", given: checked, when: GradeObjective{Grade: -0.1}, refuses: wrong("grade")},
		{name: "a grade is a number", given: checked, when: GradeObjective{Grade: math.NaN()}, refuses: wrong("grade")},
		{name: "a draft has nothing to grade", given: defined, when: GradeObjective{Grade: 0.5}, refuses: ErrNothingToGrade},
		{name: "closed it is not graded", given: closed, when: GradeObjective{Grade: 0.5}, refuses: ErrObjectiveClosed},

		{name: "graded it is closed", given: graded, when: CloseObjective{}, then: happened[Objective](ObjectiveClosed{})},
		{name: "it is closed once", given: closed, when: CloseObjective{}},
		{name: "active it is graded first", given: active, when: CloseObjective{"late"}, refuses: ErrNotGraded},
		{name: "a draft is closed with a reason", given: defined, when: CloseObjective{"not pursued"}, then: happened[Objective](ObjectiveClosed{"not pursued"})},
		{name: "a draft is not closed without one", given: defined, when: CloseObjective{}, refuses: wrong("reason")},
	})
	for want, past := range map[ObjectiveState][]es.Event[Objective]{ObjectiveDraft: after(active, KeyResultDropped{kr1, "moot"}),
		ObjectiveActive: active, ObjectiveIsGraded: graded, ObjectiveIsClosed: closed} {
		if got := estest.Given(ObjectiveSchema, past...).State(t).State; got != want {
			t.Errorf("it is %s, want %s", got, want)
		}
	}
	// A check-in that comes late but is of an earlier day does not become the current value.
	late := after(checked, KeyResultCheckedIn{kr1, CheckIn{Value: 110, At: now.Add(-time.Hour)}})
	if got := estest.Given(ObjectiveSchema, late...).State(t).KeyResults[0].Current(); got != 150 {
		t.Errorf("the current value is %v, want 150", got)
	}
}

func TestKeyResultScore(t *testing.T) {
	values := func(v ...float64) (all []CheckIn) {
		for i, x := range v {
			all = append(all, CheckIn{Value: x, At: time.Unix(int64(i), 0)})
		}
		return all
	}
	for _, v := range []struct {
		name   string
		k      KeyResult
		want   float64
		scored bool
	}{
		{"half way", KeyResult{Measure: Measure{Kind: FromTo, Baseline: 100, Target: 200}, CheckIns: values(120, 150)}, 0.5, true},
		{"before any check-in", KeyResult{Measure: Measure{Kind: FromTo, Baseline: 100, Target: 200}}, 0, true},
		{"beyond the target it is 1", KeyResult{Measure: Measure{Kind: FromTo, Baseline: 100, Target: 200}, CheckIns: values(250)}, 1, true},
		{"below the baseline it is 0", KeyResult{Measure: Measure{Kind: FromTo, Baseline: 100, Target: 200}, CheckIns: values(50)}, 0, true},
		{"downwards", KeyResult{Measure: Measure{Kind: FromTo, Baseline: 8, Target: 4}, CheckIns: values(5)}, 0.75, true},
		{"kept above at every check-in", KeyResult{Measure: Measure{Kind: KeepAbove, Target: 99}, CheckIns: values(99, 99.5)}, 1, true},
		{"kept above at some", KeyResult{Measure: Measure{Kind: KeepAbove, Target: 99}, CheckIns: values(99, 98, 99.9, 97)}, 0.5, true},
		{"kept below at some", KeyResult{Measure: Measure{Kind: KeepBelow, Target: 2}, CheckIns: values(1, 2, 3)}, 2.0 / 3, true},
		{"kept, but never checked", KeyResult{Measure: Measure{Kind: KeepBelow, Target: 2}}, 0, false},
		{"with nothing to move", KeyResult{Measure: Measure{Kind: FromTo, Baseline: 2, Target: 2}}, 0, false},
	} {
		got, scored := v.k.Score()
		if math.Abs(got-v.want) > 1e-9 || scored != v.scored {
			t.Errorf("%s: %v, %v; want %v, %v", v.name, got, scored, v.want, v.scored)
		}
	}
	half := KeyResult{Measure: Measure{Kind: FromTo, Target: 2, Weight: 3}, CheckIns: values(1)}
	whole := KeyResult{Measure: Measure{Kind: FromTo, Target: 2, Weight: 1}, CheckIns: values(2)}
	unknown := KeyResult{Measure: Measure{Kind: KeepAbove, Target: 2, Weight: 9}}
	if got, ok := ObjectiveScore([]KeyResult{half, whole, unknown}); !ok || got != 0.625 {
		t.Errorf("weighted mean %v, %v; want 0.625", got, ok)
	}
	if _, ok := ObjectiveScore([]KeyResult{unknown}); ok {
		t.Error("an objective without a scored key result has a score")
	}
}

func TestKeyResultScoreIsAShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := KeyResult{Measure: Measure{Kind: rapid.SampledFrom([]KeyResultKind{FromTo, KeepAbove, KeepBelow}).Draw(t, "kind"),
			Baseline: rapid.Float64Range(-1e6, 1e6).Draw(t, "baseline"), Target: rapid.Float64Range(-1e6, 1e6).Draw(t, "target")}}
		for _, v := range rapid.SliceOf(rapid.Float64Range(-1e9, 1e9)).Draw(t, "values") {
			k.CheckIns = append(k.CheckIns, CheckIn{Value: v})
		}
		if score, ok := k.Score(); ok && !(score >= 0 && score <= 1) {
			t.Fatalf("it scores %v", score)
		}
	})
}
