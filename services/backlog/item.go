package backlog

import (
	"slices"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// Items are the work items of every kind, from the capability to the task.
var Items = &es.Aggregate[Item]{Context: "backlog", Name: "item", Plural: "items", Schema: ItemSchema}

// ItemID names an item.
type ItemID = es.ID[Item]

// ItemSchema has the stored names. Never change a stored name; add one.
var ItemSchema = es.NewSchema(
	es.On[ItemCreated]("backlog.item.created.v1"),
	es.On[ItemDescribed]("backlog.item.described.v1"),
	es.On[ItemRetyped]("backlog.item.retyped.v1"),
	es.On[EnablerSet]("backlog.item.enabler-set.v1"),
	es.On[SpikeSet]("backlog.item.spike-set.v1"),
	es.On[FindingWritten]("backlog.item.finding-written.v1"),
	es.On[DefectDescribed]("backlog.item.defect-described.v1"),
	es.On[ParentSet]("backlog.item.parent-set.v1"),
	es.On[CriterionAdded]("backlog.item.criterion-added.v1"),
	es.On[CriterionTicked]("backlog.item.criterion-ticked.v1"),
	es.On[CriterionUnticked]("backlog.item.criterion-unticked.v1"),
	es.On[CriterionRemoved]("backlog.item.criterion-removed.v1"),
	es.On[CheckTicked]("backlog.item.check-ticked.v1"),
	es.On[CheckUnticked]("backlog.item.check-unticked.v1"),
	es.On[ItemEstimated]("backlog.item.estimated.v1"),
	es.On[RemainingSet]("backlog.item.remaining-set.v1"),
	es.On[WSJFScored]("backlog.item.wsjf-scored.v1"),
	es.On[RICEScored]("backlog.item.rice-scored.v1"),
	es.On[ItemAssigned]("backlog.item.assigned.v1"),
	es.On[ItemLabelled]("backlog.item.labelled.v1"),
	es.On[CustomSet]("backlog.item.custom-set.v1"),
	es.On[TeamSet]("backlog.item.team-set.v1"),
	es.On[ProductSet]("backlog.item.product-set.v1"),
	es.On[ARTSet]("backlog.item.art-set.v1"),
	es.On[BacklogSet]("backlog.item.backlog-set.v1"),
	es.On[ItemReadied]("backlog.item.readied.v1"),
	es.On[ItemPlanned]("backlog.item.planned.v1"),
	es.On[ItemUnplanned]("backlog.item.unplanned.v1"),
	es.On[ItemStarted]("backlog.item.started.v1"),
	es.On[ItemMoved]("backlog.item.moved.v1"),
	es.On[WIPLimitExceeded]("backlog.item.wip-limit-exceeded.v1"),
	es.On[ItemBlocked]("backlog.item.blocked.v1"),
	es.On[ItemUnblocked]("backlog.item.unblocked.v1"),
	es.On[ItemAccepted]("backlog.item.accepted.v1"),
	es.On[AcceptanceRejected]("backlog.item.acceptance-rejected.v1"),
	es.On[ItemReopened]("backlog.item.reopened.v1"),
	es.On[ItemCancelled]("backlog.item.cancelled.v1"),
	es.On[ItemSplit]("backlog.item.split.v1"),
	es.On[ItemReleased]("backlog.item.released.v1"),
	es.On[BenefitCheckSet]("backlog.item.benefit-check-set.v1"),
	es.On[OutcomeRecorded]("backlog.item.outcome-recorded.v1"),
	es.On[ItemLinked]("backlog.item.linked.v1"),
	es.On[ItemUnlinked]("backlog.item.unlinked.v1"),
	es.On[ItemCommented]("backlog.item.commented.v1"),
	es.On[ItemImported]("backlog.item.imported.v1"),
	es.On[ItemSynced]("backlog.item.synced.v1"),
	es.On[ParentImported]("backlog.item.parent-imported.v1"),
	es.On[LinksImported]("backlog.item.links-imported.v1"),
	es.On[IterationsImported]("backlog.item.iterations-imported.v1"),
	es.On[CommentsImported]("backlog.item.comments-imported.v1"),
	es.On[HistoryImported]("backlog.item.history-imported.v1"),
)

// Item is a work item.
type Item struct {
	Key         string `json:"key"`
	Kind        Kind   `json:"kind"`
	State       State  `json:"state"`
	Column      string `json:"column,omitempty"` // of its team's board, where several stand for the state
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	Definition

	Enabler  bool            `json:"enabler,omitempty"`
	Category EnablerCategory `json:"enablerCategory,omitempty"`
	Spike    bool            `json:"spike,omitempty"`
	TimeBox  float64         `json:"timeBox,omitempty"` // hours
	Finding  string          `json:"finding,omitempty"`
	Defect   *Defect         `json:"defect,omitempty"`

	Parent   *Parent             `json:"parent,omitempty"`
	Criteria []Criterion         `json:"criteria,omitempty"`
	Checks   []es.ID[Check]      `json:"checks,omitempty"` // ticked ones of the team's definitions
	Points   *float64            `json:"points,omitempty"`
	Hours    *float64            `json:"remainingHours,omitempty"`
	WSJF     *WSJF               `json:"wsjf,omitempty"`
	RICE     *RICE               `json:"rice,omitempty"`
	People   []es.PersonID       `json:"assignees,omitempty"`
	Labels   []string            `json:"labels,omitempty"`
	Custom   map[string][]string `json:"custom,omitempty"`

	Team      TeamID      `json:"team,omitempty"`
	Product   ProductID   `json:"product,omitempty"`
	ART       ARTID       `json:"art,omitempty"`
	Backlog   *Owner      `json:"backlog,omitempty"` // whose backlog has it; none: of nobody
	Iteration IterationID `json:"iteration,omitempty"`
	PI        PIID        `json:"pi,omitempty"`
	FitsPI    bool        `json:"fitsPi,omitempty"`

	Blocked      *Block    `json:"blocked,omitempty"`
	Released     *Shipment `json:"released,omitempty"`
	BenefitCheck Day       `json:"benefitCheck,omitempty"`
	Outcome      Outcome   `json:"outcome,omitempty"`
	Links        []Link    `json:"links,omitempty"`
	SplitFrom    ItemID    `json:"splitFrom,omitempty"`
	SplitInto    []ItemID  `json:"splitInto,omitempty"`
	Idea         IdeaID    `json:"originIdea,omitempty"`
	Closing      string    `json:"closing,omitempty"` // why it was cancelled
	Imported     *Imported `json:"imported,omitempty"`
}

// Definition is what is said about an item besides its title and description.
type Definition struct {
	Hypothesis      string   `json:"hypothesis,omitempty" maxLength:"65536" doc:"Benefit hypothesis: what we believe it brings, and to whom."`
	CustomerOutcome string   `json:"customerOutcome,omitempty" maxLength:"65536" doc:"What will be measurably better for customers."`
	BusinessOutcome string   `json:"businessOutcome,omitempty" maxLength:"65536" doc:"What will be measurably better for the business."`
	NFRs            []string `json:"nfrs,omitempty" maxItems:"200" doc:"Nonfunctional requirements."`
}

// EnablerCategory is what an enabler is for (SAFe).
type EnablerCategory string

var enablerCategories = []EnablerCategory{"exploration", "architecture", "infrastructure", "compliance"}

// Defect is what makes a bug workable.
type Defect struct {
	Severity string `json:"severity" enum:"critical,major,minor,trivial"`
	FoundIn  string `json:"foundIn" minLength:"1" maxLength:"300" doc:"Version, release or environment in which it was found."`
	Steps    string `json:"steps" minLength:"1" maxLength:"65536" doc:"How to reproduce it."`
	Escaped  bool   `json:"escaped,omitempty" doc:"It was found after the release."`
}

var severities = []string{"critical", "major", "minor", "trivial"}

// Parent is what an item is part of: one of the three.
type Parent struct {
	Item ItemID `json:"item,omitempty" doc:"The item above."`
	Epic EpicID `json:"epic,omitempty" doc:"The portfolio epic above a feature or a capability."`
	None string `json:"none,omitempty" maxLength:"65536" doc:"Why there is nothing above it."`
}

// Criterion is an acceptance criterion.
type Criterion struct {
	ID   es.ID[Criterion] `json:"id"`
	Text string           `json:"text"`
	Met  bool             `json:"met,omitempty"`
}

// Block says that work cannot go on.
type Block struct {
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

// Shipment says how an item reached its users: in a release or by a toggle.
type Shipment struct {
	Release ReleaseID `json:"release,omitempty"`
	Toggle  string    `json:"toggle,omitempty"`
}

// Outcome is what became of the benefit. Done does not prove it.
type Outcome string

var outcomes = []Outcome{"confirmed", "refuted", "unknown"}

// Exists tells whether the item was ever created.
func (s Item) Exists() bool { return s.State != "" }

// Scope implements rights.Scoped.
func (s Item) Scope() rights.Scope {
	return rights.Scope{Team: string(s.Team), Product: string(s.Product), ART: string(s.ART)}
}

// Flow is the item's workflow.
func (s Item) Flow() Workflow { return FlowOf(s.Kind, s.Spike) }

// open is the rule of most commands: what is closed does not change.
func (s Item) open() error {
	switch s.State {
	case Done:
		return ErrDone
	case Cancelled:
		return ErrCancelled
	}
	return nil
}

func (s Item) criterion(id es.ID[Criterion]) int {
	return slices.IndexFunc(s.Criteria, func(c Criterion) bool { return c.ID == id })
}

// Stepped is an event that takes an item from one state to another.
type Stepped interface{ Step() (from, to State) }

// define is the right to say what an item is.
func define(k Kind, enabler bool) rights.Decision {
	switch {
	case enabler:
		return "enabler.define"
	case k.art():
		return "feature.define"
	}
	return "story.define"
}

// accept is the right to say that an item is done.
func accept(k Kind) rights.Decision {
	switch {
	case k.art():
		return "feature.accept"
	case k == Task:
		return "" // whoever does the task
	}
	return "story.accept"
}

// Refusals of items.
var (
	ErrItemExists    = fail.Refused("item-exists", "there is an item with this id; send a new wish under a new key")
	ErrDone          = fail.Refused("item-done", "the item is done; reopen it first")
	ErrCancelled     = fail.Refused("item-cancelled", "the item is cancelled; reopen it first")
	ErrParentKind    = fail.Refused("item-parent-kind", "a capability belongs to an epic, a feature to an epic, a capability or, with a reason, nothing, a story or a bug to a feature or, with a reason, nothing, a task to a story or a bug")
	ErrParentUnknown = fail.Refused("item-parent-unknown", "there is no such parent; name one that exists")
	ErrParentClosed  = fail.Refused("item-parent-closed", "the parent is done or cancelled; reopen it or choose another one")
	ErrParentCycle   = fail.Refused("item-parent-cycle", "the parent is below this item; choose one that is not")
	ErrEpicState     = fail.Refused("item-epic-state", "features belong to epics that are ready or being implemented; only in the funnel or in analysis may a feature belong to an epic that is still analyzed")
	ErrEpicUndecided = fail.Refused("item-epic-undecided", "the epic above has no Go yet; decide on the epic first")

	ErrNoSuchStep     = fail.Refused("item-no-such-step", "the workflow has no such step")
	ErrBackwardReason = fail.Refused("item-backward-without-reason", "say why it goes back")
	ErrNoHypothesis   = fail.Refused("item-without-hypothesis", "write the benefit hypothesis first")
	ErrNoCriterion    = fail.Refused("item-without-criterion", "add at least one acceptance criterion first")
	ErrNoSize         = fail.Refused("item-without-size", "estimate it first")
	ErrNoWSJF         = fail.Refused("item-without-wsjf", "score its WSJF first")
	ErrNoCategory     = fail.Refused("enabler-without-category", "an enabler needs a category: exploration, architecture, infrastructure or compliance")
	ErrDoesNotFit     = fail.Refused("item-larger-than-a-pi", "it must fit into one planning interval; confirm that with fitsPi, or split it")
	ErrNotReady       = fail.Refused("item-not-ready", "it does not meet the team's Definition of Ready")
	ErrNotPlannedPI   = fail.Refused("item-not-in-accepted-pi", "plan it into a planning interval whose plan is accepted first")
	ErrNotPlanned     = fail.Refused("item-not-in-iteration", "plan it into an iteration first")
	ErrNobody         = fail.Refused("item-unassigned", "assign somebody first")
	ErrBlocked        = fail.Refused("item-blocked", "it is blocked; unblock it first")
	ErrWIPFull        = fail.Refused("wip-limit-reached", "the column is full; finish something first, or override the limit with a reason")
	ErrNoColumn       = fail.Refused("no-such-column", "the team's board has no such column for that state")
	ErrChildrenOpen   = fail.Refused("item-children-open", "some items below it are still open; finish, cancel or move them first")
	ErrCriteriaOpen   = fail.Refused("item-criteria-open", "some acceptance criteria are not ticked")
	ErrDoDOpen        = fail.Refused("item-dod-open", "it does not meet the team's Definition of Done")
	ErrNotReleased    = fail.Refused("item-not-released", "it is in no shipped release; release it first, if by a toggle")
	ErrNoBenefitCheck = fail.Refused("item-without-benefit-check", "set the date on which its benefit is checked first")
	ErrNoDefect       = fail.Refused("bug-not-described", "a bug needs a severity, where it was found and steps to reproduce it")
	ErrNoTimeBox      = fail.Refused("spike-without-time-box", "a spike needs a time box")
	ErrNoFinding      = fail.Refused("spike-without-finding", "write down what the spike found first")
	ErrHoursRemain    = fail.Refused("task-hours-remain", "hours remain; set them to 0 when there is nothing left to do")

	ErrOffScale         = fail.Refused("points-off-scale", "story points are one of 1, 2, 3, 5, 8, 13, 20, 40, 100")
	ErrNotOfTeam        = fail.Refused("estimate-by-non-team", "only people of the team estimate its items").By("the team")
	ErrTaskPoints       = fail.Refused("task-in-points", "a task has hours, not points; set its remaining hours")
	ErrHoursOfTask      = fail.Refused("hours-only-of-tasks", "only a task has remaining hours; estimate this item in points")
	ErrWSJFKind         = fail.Refused("wsjf-only-of-features", "WSJF is for features and capabilities; stories are just ordered")
	ErrRICEKind         = fail.Refused("rice-not-of-tasks", "a task has no RICE score; score what it is part of")
	ErrNotABug          = fail.Refused("defect-only-of-bugs", "only a bug has a severity and steps to reproduce it")
	ErrNotASpike        = fail.Refused("not-a-spike", "only a story is a spike, and only a spike has a finding")
	ErrEnablerKind      = fail.Refused("enabler-kind", "capabilities, features and stories are enablers; bugs and tasks are not")
	ErrCriterionUnknown = fail.Refused("criterion-unknown", "the item has no such acceptance criterion")
	ErrCheckUnknown     = fail.Refused("check-unknown", "the team's definitions have no such check")
	ErrTeamUnknown      = fail.Refused("team-unknown", "there is no such team")
	ErrIterationUnknown = fail.Refused("iteration-unknown", "there is no such iteration")
	ErrIterationClosed  = fail.Refused("iteration-over", "the iteration is closed or cancelled; choose another one")
	ErrOtherTeam        = fail.Refused("iteration-of-other-team", "the iteration belongs to another team; give the item to that team first")
	ErrPlansPI          = fail.Refused("feature-into-pi", "features and capabilities are planned into a planning interval, not into an iteration")
	ErrPlansIteration   = fail.Refused("story-into-iteration", "stories and bugs are planned into an iteration, not into a planning interval")
	ErrTaskPlan         = fail.Refused("task-follows-parent", "a task is where its parent is; plan the parent")
	ErrStillPlanned     = fail.Refused("item-in-iteration-of-team", "it is planned into an iteration of its team; take it out first")
	ErrSplitCancelled   = fail.Refused("item-was-split", "it was split; reopen one of its parts instead")
	ErrNotClosed        = fail.Refused("item-not-closed", "the item is open; there is nothing to reopen")
	ErrNotInReview      = fail.Refused("item-not-in-review", "only what is in review is accepted or rejected")
	ErrNotReleasable    = fail.Refused("item-not-releasable", "only what is being released or done reaches users")
	ErrNotDone          = fail.Refused("item-not-done", "the outcome is known only when the item is done")
	ErrScopeUnexplained = fail.Refused("scope-change-without-reason", "the iteration has started: say why its scope changes and what that does to its goal")
	ErrSelfLink         = fail.Refused("link-to-itself", "an item is not linked to itself")
	ErrLinkUnknown      = fail.Refused("link-target-unknown", "there is no such item to link to")
	ErrLinkCycle        = fail.Refused("link-cycle", "each would wait for the other")
)
