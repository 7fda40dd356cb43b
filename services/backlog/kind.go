package backlog

import (
	"slices"
	"strings"
)

// Kind is what an item is. An enabler or a spike is a flag on a kind.
type Kind string

const (
	Capability Kind = "capability" // spans ARTs, at most one PI
	Feature    Kind = "feature"    // one ART, at most one PI
	Story      Kind = "story"
	Bug        Kind = "bug"
	Task       Kind = "task"
)

var kinds = []Kind{Capability, Feature, Story, Bug, Task}

var prefixes = map[Kind]string{Capability: "C", Feature: "F", Story: "S", Bug: "B", Task: "T"}

// Prefix is how the human key of an item of this kind starts.
func (k Kind) Prefix() string { return prefixes[k] }

// art tells whether the kind moves on the ART Kanban.
func (k Kind) art() bool { return k == Capability || k == Feature }

// parents are the kinds that may be above a kind; epics are apart.
var parents = map[Kind][]Kind{
	Feature: {Capability},
	Story:   {Feature},
	Bug:     {Feature},
	Task:    {Story, Bug},
}

// State is where an item stands in the workflow of its kind.
type State string

const (
	Funnel       State = "funnel"
	Analyzing    State = "analyzing"
	Ready        State = "ready" // also of stories and bugs
	Implementing State = "implementing"
	Validating   State = "validating" // on staging
	Deploying    State = "deploying"  // to production
	Releasing    State = "releasing"
	Draft        State = "draft"
	Planned      State = "planned"
	InProgress   State = "in-progress"
	Review       State = "review"
	ToDo         State = "todo"
	Doing        State = "doing"
	Done         State = "done"
	Cancelled    State = "cancelled"
)

// Category is what a state or a board column means to flow metrics.
type Category string

const (
	CategoryTodo      Category = "todo"
	CategoryActive    Category = "active"
	CategoryWait      Category = "wait" // begun, but nobody works on it
	CategoryDone      Category = "done"
	CategoryCancelled Category = "cancelled"
)

var categories = map[State]Category{
	Funnel: CategoryTodo, Analyzing: CategoryTodo, Ready: CategoryTodo, Draft: CategoryTodo, Planned: CategoryTodo, ToDo: CategoryTodo,
	Implementing: CategoryActive, Validating: CategoryActive, Deploying: CategoryActive, InProgress: CategoryActive, Doing: CategoryActive,
	Releasing: CategoryWait, Review: CategoryWait,
	Done: CategoryDone, Cancelled: CategoryCancelled,
}

// Category is the default meaning of a state; a board column may say
// otherwise. What lies before the commitment border is todo, so that cycle
// time starts with the work and not with its analysis.
func (s State) Category() Category { return categories[s] }

// Closed tells whether nothing more is to be done.
func (s State) Closed() bool { return s == Done || s == Cancelled }

// Guard is a condition on entering a state.
type Guard string

const (
	GuardHypothesis   Guard = "hypothesis"    // a benefit hypothesis
	GuardCriterion    Guard = "criterion"     // at least one acceptance criterion
	GuardSize         Guard = "size"          // an estimate
	GuardWSJF         Guard = "wsjf"          // scored
	GuardCategory     Guard = "category"      // an enabler's category
	GuardFitsPI       Guard = "fits-pi"       // somebody says that it fits one PI
	GuardEpic         Guard = "epic"          // the epic above has its Go
	GuardDoR          Guard = "dor"           // the team's Definition of Ready; warns unless the team made it block
	GuardPI           Guard = "pi"            // planned into an accepted PI
	GuardIteration    Guard = "iteration"     // planned into an iteration
	GuardAssignee     Guard = "assignee"      // somebody does it
	GuardUnblocked    Guard = "unblocked"     //
	GuardWIP          Guard = "wip"           // room in the board's column
	GuardChildren     Guard = "children"      // every child is done or cancelled
	GuardCriteria     Guard = "criteria"      // every acceptance criterion is ticked
	GuardDoD          Guard = "dod"           // every check of the team's Definition of Done is ticked
	GuardReleased     Guard = "released"      // in a shipped release
	GuardBenefitCheck Guard = "benefit-check" // a date on which the benefit is looked at
	GuardDefect       Guard = "defect"        // a bug's severity, where it was found and how to reproduce it
	GuardTimeBox      Guard = "time-box"      // of a spike
	GuardFinding      Guard = "finding"       // of a spike
	GuardParentOpen   Guard = "parent-open"   // a task's parent is still open
	GuardNoHours      Guard = "no-hours"      // no hours remain
)

// Stage is one state of a workflow with the conditions on entering it.
type Stage struct {
	State  State   `json:"state"`
	Guards []Guard `json:"guards,omitempty"`
}

// Workflow is a chain of stages. An item goes forward one stage at a time,
// back to any earlier one with a reason.
type Workflow []Stage

// The default workflows (domain.md §5.7).
var (
	ARTKanban = Workflow{
		{Funnel, nil},
		{Analyzing, []Guard{GuardWIP}},
		{Ready, []Guard{GuardHypothesis, GuardCriterion, GuardSize, GuardWSJF, GuardCategory, GuardFitsPI, GuardEpic}},
		{Implementing, []Guard{GuardPI, GuardEpic, GuardUnblocked, GuardWIP}},
		{Validating, []Guard{GuardChildren, GuardUnblocked, GuardWIP}},
		{Deploying, []Guard{GuardChildren, GuardUnblocked, GuardWIP}},
		{Releasing, []Guard{GuardChildren, GuardUnblocked, GuardWIP}},
		{Done, []Guard{GuardChildren, GuardUnblocked, GuardCriteria, GuardReleased, GuardBenefitCheck}},
	}
	StoryFlow = Workflow{
		{Draft, nil},
		{Ready, []Guard{GuardSize, GuardCategory, GuardDoR}},
		{Planned, []Guard{GuardIteration}},
		{InProgress, []Guard{GuardIteration, GuardAssignee, GuardUnblocked, GuardWIP}},
		{Review, []Guard{GuardUnblocked, GuardWIP}},
		{Done, []Guard{GuardUnblocked, GuardCriteria, GuardDoD, GuardChildren}},
	}
	BugFlow = Workflow{
		{Draft, nil},
		{Ready, []Guard{GuardDefect, GuardSize, GuardDoR}},
		{Planned, []Guard{GuardDefect, GuardIteration}},
		{InProgress, []Guard{GuardDefect, GuardIteration, GuardAssignee, GuardUnblocked, GuardWIP}},
		{Review, []Guard{GuardDefect, GuardUnblocked, GuardWIP}},
		{Done, []Guard{GuardDefect, GuardUnblocked, GuardCriteria, GuardDoD, GuardChildren}},
	}
	SpikeFlow = Workflow{
		{Draft, nil},
		{Ready, []Guard{GuardTimeBox, GuardSize, GuardDoR}},
		{Planned, []Guard{GuardIteration}},
		{InProgress, []Guard{GuardIteration, GuardAssignee, GuardUnblocked, GuardWIP}},
		{Done, []Guard{GuardUnblocked, GuardTimeBox, GuardFinding, GuardChildren}},
	}
	TaskFlow = Workflow{
		{ToDo, nil},
		{Doing, []Guard{GuardParentOpen, GuardUnblocked, GuardWIP}},
		{Done, []Guard{GuardParentOpen, GuardUnblocked, GuardNoHours}},
	}
)

// FlowOf returns the default workflow of a kind.
func FlowOf(k Kind, spike bool) Workflow {
	switch {
	case k.art():
		return ARTKanban
	case k == Task:
		return TaskFlow
	case k == Bug:
		return BugFlow
	case spike:
		return SpikeFlow
	}
	return StoryFlow
}

// First is where an item of the workflow begins.
func (w Workflow) First() State { return w[0].State }

// index returns where a state is in the chain, -1 if it is not.
func (w Workflow) index(s State) int {
	return slices.IndexFunc(w, func(g Stage) bool { return g.State == s })
}

// Work is the stage in which work begins: where a reopened item goes.
func (w Workflow) Work() State {
	for _, g := range w {
		if g.State.Category() == CategoryActive {
			return g.State
		}
	}
	return w.First()
}

// Next are the states one may go to: the next one and every earlier one.
func (w Workflow) Next(s State) []State {
	i := w.index(s)
	if i < 0 {
		return nil
	}
	var next []State
	if i+1 < len(w) {
		next = append(next, w[i+1].State)
	}
	for _, g := range w[:i] {
		next = append(next, g.State)
	}
	return next
}

// Scale is the story points that an estimate may have.
var Scale = []float64{1, 2, 3, 5, 8, 13, 20, 40, 100}

// WSJFScale is what an input of WSJF may be.
var WSJFScale = []int{1, 2, 3, 5, 8, 13, 20}

// Words joins names for a sentence.
func words[S ~string](list []S) string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return strings.Join(out, ", ")
}
