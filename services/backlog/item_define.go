package backlog

import (
	"slices"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// ItemCreated: there is a new item, in the first state of its workflow.
type ItemCreated struct {
	Key         string `json:"key"`
	Kind        Kind   `json:"kind"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	Definition
	Enabler   bool            `json:"enabler,omitempty"`
	Category  EnablerCategory `json:"enablerCategory,omitempty"`
	Spike     bool            `json:"spike,omitempty"`
	TimeBox   float64         `json:"timeBox,omitempty"`
	Defect    *Defect         `json:"defect,omitempty"`
	Parent    *Parent         `json:"parent,omitempty"`
	Team      TeamID          `json:"team,omitempty"`
	Product   ProductID       `json:"product,omitempty"`
	ART       ARTID           `json:"art,omitempty"`
	Labels    []string        `json:"labels,omitempty"`
	Criteria  []Criterion     `json:"criteria,omitempty"`
	Points    *float64        `json:"points,omitempty"` // of a part of a split item
	SplitFrom ItemID          `json:"splitFrom,omitempty"`
	Idea      IdeaID          `json:"originIdea,omitempty"`
	Portfolio PortfolioID     `json:"portfolio,omitempty"` // of the epic above a capability: it has a solution level
}

func (e ItemCreated) Evolve(s Item) Item {
	return Item{Key: e.Key, Kind: e.Kind, State: FlowOf(e.Kind, e.Spike).First(), Title: e.Title, Description: e.Description,
		Definition: e.Definition, Enabler: e.Enabler, Category: e.Category, Spike: e.Spike, TimeBox: e.TimeBox, Defect: e.Defect,
		Parent: e.Parent, Team: e.Team, Product: e.Product, ART: e.ART, Labels: e.Labels, Criteria: e.Criteria, Points: e.Points,
		SplitFrom: e.SplitFrom, Idea: e.Idea}
}

// ItemDescribed: the item's texts, whole.
type ItemDescribed struct {
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	Definition
}

func (e ItemDescribed) Evolve(s Item) Item {
	s.Title, s.Description, s.Definition = e.Title, e.Description, e.Definition
	return s
}

// EnablerSet: the item is an enabler, or not any more.
type EnablerSet struct {
	Enabler  bool            `json:"enabler"`
	Category EnablerCategory `json:"category,omitempty"`
}

func (e EnablerSet) Evolve(s Item) Item { s.Enabler, s.Category = e.Enabler, e.Category; return s }

// SpikeSet: the story is a spike with a time box of so many hours; 0: it is
// not one any more.
type SpikeSet struct {
	TimeBox float64 `json:"timeBox"`
}

func (e SpikeSet) Evolve(s Item) Item { s.Spike, s.TimeBox = e.TimeBox > 0, e.TimeBox; return s }

// FindingWritten: what the spike found.
type FindingWritten struct {
	Finding string `json:"finding"`
}

func (e FindingWritten) Evolve(s Item) Item { s.Finding = e.Finding; return s }

// DefectDescribed: what makes the bug workable.
type DefectDescribed struct{ Defect }

func (e DefectDescribed) Evolve(s Item) Item { s.Defect = &e.Defect; return s }

// ParentSet: the item is part of something, or stands alone for a reason.
type ParentSet struct {
	Parent
	Was       *Parent     `json:"was,omitempty"`
	Portfolio PortfolioID `json:"portfolio,omitempty"` // of the epic above a capability, as in ItemCreated
}

func (e ParentSet) Evolve(s Item) Item { s.Parent = &e.Parent; return s }

// CreateItem makes an item.
type CreateItem struct {
	Kind        Kind   `json:"kind" enum:"capability,feature,story,task,bug"`
	Title       string `json:"title" minLength:"1" maxLength:"300"`
	Description string `json:"description,omitempty" maxLength:"65536"`
	Definition
	Enabler  bool            `json:"enabler,omitempty" doc:"It extends the architectural runway."`
	Category EnablerCategory `json:"enablerCategory,omitempty" enum:"exploration,architecture,infrastructure,compliance"`
	Spike    bool            `json:"spike,omitempty" doc:"A time-boxed story that finds something out."`
	TimeBox  float64         `json:"timeBox,omitempty" minimum:"0" doc:"Of a spike, in hours."`
	Defect   *Defect         `json:"defect,omitempty" doc:"Of a bug."`
	Parent   *Parent         `json:"parent,omitempty"`
	Team     TeamID          `json:"team,omitempty"`
	Product  ProductID       `json:"product,omitempty"`
	ART      ARTID           `json:"art,omitempty"`
	Labels   []string        `json:"labels,omitempty" maxItems:"200"`
	Criteria []string        `json:"criteria,omitempty" maxItems:"200" doc:"Acceptance criteria."`
	Idea     IdeaID          `json:"originIdea,omitempty" doc:"The idea that it came from."`

	Above    ParentFact `json:"-"`
	TeamGone bool       `json:"-"` // the team is unknown or disbanded
}

// Prefix is how the new item's human key starts.
func (c CreateItem) Prefix() string { return c.Kind.Prefix() }

// Right implements command's question who may do it. Whoever names a category
// makes an enabler.
func (c CreateItem) Right(Item) rights.Decision { return define(c.Kind, c.Enabler || c.Category != "") }

// Scope implements rights.Scoped.
func (c CreateItem) Scope() rights.Scope {
	return rights.Scope{Team: string(c.Team), Product: string(c.Product), ART: string(c.ART)}
}

func (c CreateItem) Decide(s Item, m es.Meta) ([]es.Event[Item], error) {
	if s.Exists() {
		if s.Kind == c.Kind && s.Title == c.Title && s.Description == c.Description {
			return nil, nil
		}
		return nil, ErrItemExists
	}
	if !slices.Contains(kinds, c.Kind) {
		return nil, fail.Invalid("kind", "one of %s", words(kinds))
	}
	if err := first(
		checkTexts(c.Title, c.Description, c.Definition),
		checkEnabler(c.Kind, c.Enabler || c.Category != "", c.Category),
		checkSpike(c.Kind, c.Spike, c.TimeBox),
		checkLabels("labels", c.Labels),
	); err != nil {
		return nil, err
	}
	if c.Defect != nil {
		if c.Kind != Bug {
			return nil, ErrNotABug
		}
		if err := c.Defect.check("defect."); err != nil {
			return nil, err
		}
	}
	switch {
	case c.Parent != nil:
		if err := checkParent(c.Kind, FlowOf(c.Kind, c.Spike).First(), *c.Parent, c.Above); err != nil {
			return nil, err
		}
	case c.Kind == Task:
		return nil, fail.Invalid("parent.item", "a task is part of a story or a bug; name it")
	}
	if c.Team != "" && c.TeamGone {
		return nil, ErrTeamUnknown
	}
	e := ItemCreated{Key: m.Key, Kind: c.Kind, Title: c.Title, Description: c.Description, Definition: c.Definition,
		Enabler: c.Enabler || c.Category != "", Category: c.Category, Spike: c.Spike, TimeBox: c.TimeBox, Defect: c.Defect,
		Parent: c.Parent, Team: c.Team, Product: c.Product, ART: c.ART, Labels: distinct(c.Labels), Idea: c.Idea, Portfolio: c.Above.level(c.Kind)}
	if len(c.Criteria) > maxList {
		return nil, fail.Invalid("criteria", "at most %d", maxList)
	}
	for i, text := range c.Criteria {
		if err := checkText(at("criteria", i), text, 1, maxText); err != nil {
			return nil, err
		}
		e.Criteria = append(e.Criteria, Criterion{ID: es.MetaID[Criterion](m, i), Text: text})
	}
	return fitting(s.queued(e)...)
}

// Describe sets the item's texts, all of them.
type Describe struct {
	Title       string `json:"title" minLength:"1" maxLength:"300"`
	Description string `json:"description,omitempty" maxLength:"131072" doc:"Whole; at most 65,536 characters, unless it was imported longer."`
	Definition
}

// Right asks for the right to define an item of the kind.
func (Describe) Right(s Item) rights.Decision { return define(s.Kind, s.Enabler) }

func (c Describe) Decide(s Item, m es.Meta) ([]es.Event[Item], error) {
	if s.State == Cancelled {
		return nil, ErrCancelled
	}
	description := c.Description
	if description == s.Description {
		description = "" // an imported one may be longer than what one may write
	}
	if err := checkTexts(c.Title, description, c.Definition); err != nil {
		return nil, err
	}
	if c.Title == s.Title && c.Description == s.Description && c.Definition.equal(s.Definition) {
		return nil, nil
	}
	return fitting[Item](ItemDescribed(c))
}

func (d Definition) equal(o Definition) bool {
	return d.Hypothesis == o.Hypothesis && d.CustomerOutcome == o.CustomerOutcome && d.BusinessOutcome == o.BusinessOutcome && slices.Equal(d.NFRs, o.NFRs)
}

func checkTexts(title, description string, d Definition) error {
	if err := first(
		checkText("title", title, 1, maxTitle),
		checkText("description", description, 0, maxText),
		checkText("hypothesis", d.Hypothesis, 0, maxText),
		checkText("customerOutcome", d.CustomerOutcome, 0, maxText),
		checkText("businessOutcome", d.BusinessOutcome, 0, maxText),
	); err != nil {
		return err
	}
	if len(d.NFRs) > maxList {
		return fail.Invalid("nfrs", "at most %d", maxList)
	}
	for i, n := range d.NFRs {
		if err := checkText(at("nfrs", i), n, 1, maxText); err != nil {
			return err
		}
	}
	return nil
}

// SetEnabler makes the item an enabler or an ordinary item.
type SetEnabler struct {
	Enabler  bool            `json:"enabler"`
	Category EnablerCategory `json:"category,omitempty" enum:"exploration,architecture,infrastructure,compliance" doc:"Needed before it is ready."`
}

// Right asks for the right to define enablers, whichever way it changes.
func (c SetEnabler) Right(s Item) rights.Decision { return define(s.Kind, true) }

func (c SetEnabler) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	if err := first(s.open(), checkEnabler(s.Kind, c.Enabler, c.Category)); err != nil {
		return nil, err
	}
	switch {
	case !c.Enabler && c.Category != "":
		return nil, fail.Invalid("category", "only an enabler has one")
	case s.Enabler == c.Enabler && s.Category == c.Category:
		return nil, nil
	}
	return es.Happened(EnablerSet(c))
}

func checkEnabler(k Kind, enabler bool, category EnablerCategory) error {
	switch {
	case enabler && (k == Bug || k == Task):
		return ErrEnablerKind
	case category != "" && !slices.Contains(enablerCategories, category):
		return fail.Invalid("enablerCategory", "one of %s", words(enablerCategories))
	}
	return nil
}

// SetSpike makes a story a spike, or with a time box of 0 an ordinary story.
type SetSpike struct {
	TimeBox float64 `json:"timeBox" minimum:"0" maximum:"1000" doc:"Hours; 0: it is no spike."`
}

// Right asks for the right to define stories.
func (SetSpike) Right(s Item) rights.Decision { return define(s.Kind, s.Enabler) }

func (c SetSpike) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	if err := first(s.open(), checkSpike(s.Kind, c.TimeBox > 0, c.TimeBox)); err != nil {
		return nil, err
	}
	switch {
	case c.TimeBox > 0 && s.State == Review:
		return nil, ErrNoSuchStep.With("a spike has no review; move it back to in-progress first")
	case s.Spike == (c.TimeBox > 0) && s.TimeBox == c.TimeBox:
		return nil, nil
	}
	return es.Happened(SpikeSet(c))
}

func checkSpike(k Kind, spike bool, timeBox float64) error {
	switch {
	case spike && k != Story:
		return ErrNotASpike
	case timeBox < 0 || timeBox > 1000 || timeBox != timeBox:
		return fail.Invalid("timeBox", "0 to 1000 hours")
	case timeBox > 0 && !spike:
		return fail.Invalid("timeBox", "only a spike has a time box")
	}
	return nil
}

// WriteFinding writes down what a spike found.
type WriteFinding struct {
	Finding string `json:"finding" minLength:"1" maxLength:"65536"`
}

func (c WriteFinding) Decide(s Item, m es.Meta) ([]es.Event[Item], error) {
	switch {
	case s.open() != nil:
		return nil, s.open()
	case !s.Spike:
		return nil, ErrNotASpike
	case s.Finding == c.Finding && c.Finding != "":
		return nil, nil
	}
	if err := checkText("finding", c.Finding, 1, maxText); err != nil {
		return nil, err
	}
	return fitting[Item](FindingWritten(c))
}

// DescribeDefect says what makes a bug workable.
type DescribeDefect struct{ Defect }

func (c DescribeDefect) Decide(s Item, m es.Meta) ([]es.Event[Item], error) {
	switch {
	case s.Kind != Bug:
		return nil, ErrNotABug
	case s.State == Cancelled:
		return nil, ErrCancelled
	case s.Defect != nil && *s.Defect == c.Defect:
		return nil, nil
	}
	if err := c.Defect.check(""); err != nil {
		return nil, err
	}
	return fitting[Item](DefectDescribed(c))
}

func (d Defect) check(path string) error {
	if !slices.Contains(severities, d.Severity) {
		return fail.Invalid(path+"severity", "one of %s", words(severities))
	}
	return first(checkText(path+"foundIn", d.FoundIn, 1, maxTitle), checkText(path+"steps", d.Steps, 1, maxText))
}

// ParentFact is what is known about the parent that a command names.
type ParentFact struct {
	Found     bool
	Kind      Kind        // of an item
	State     State       // of an item
	Epic      EpicState   // of an epic
	Portfolio PortfolioID // of an epic
	Cycle     bool        // the parent is the item itself or below it
}

// level is the portfolio that gets a solution level by an item below this parent.
func (f ParentFact) level(k Kind) PortfolioID {
	if k == Capability {
		return f.Portfolio
	}
	return ""
}

// SetParent says what the item is part of.
type SetParent struct {
	Parent

	Above ParentFact `json:"-"`
}

// Right asks for the right to define an item of the kind.
func (SetParent) Right(s Item) rights.Decision { return define(s.Kind, s.Enabler) }

func (c SetParent) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	switch {
	case s.State == Cancelled:
		return nil, ErrCancelled
	case s.Parent != nil && *s.Parent == c.Parent:
		return nil, nil
	}
	if err := checkParent(s.Kind, s.State, c.Parent, c.Above); err != nil {
		return nil, err
	}
	return es.Happened(ParentSet{c.Parent, s.Parent, c.Above.level(s.Kind)})
}

// checkParent holds the rules of domain.md §5.4 and flow F2.
func checkParent(k Kind, state State, p Parent, above ParentFact) error {
	set := 0
	for _, is := range []bool{p.Item != "", p.Epic != "", p.None != ""} {
		if is {
			set++
		}
	}
	if set != 1 {
		return fail.Invalid("parent", "name one of item, epic and none (with a reason)")
	}
	switch {
	case p.None != "":
		if k == Capability || k == Task {
			return ErrParentKind
		}
		return checkText("none", p.None, 1, maxText)
	case p.Epic != "":
		switch {
		case !k.art():
			return ErrParentKind
		case !above.Found:
			return ErrParentUnknown
		case above.Epic.open(), above.Epic == EpicAnalyzing && (state == Funnel || state == Analyzing):
			return nil
		}
		return ErrEpicState.With("it is %s", above.Epic)
	case above.Cycle:
		return ErrParentCycle
	case !above.Found:
		return ErrParentUnknown
	case !slices.Contains(parents[k], above.Kind):
		return ErrParentKind
	case above.State.Closed():
		return ErrParentClosed
	}
	return nil
}

// distinct leaves out what is there twice.
func distinct[S ~string](list []S) []S {
	var out []S
	for _, v := range list {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func checkLabels(field string, labels []string) error {
	if len(labels) > maxList {
		return fail.Invalid(field, "at most %d", maxList)
	}
	for i, l := range labels {
		if err := checkText(at(field, i), l, 1, maxName); err != nil {
			return err
		}
	}
	return nil
}
