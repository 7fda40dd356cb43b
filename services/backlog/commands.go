package backlog

import (
	"context"
	"slices"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
)

// Schemas are all events of the context.
var Schemas = []es.Decoder{TeamSchema, ItemSchema, OrderSchema, IterationSchema}

// Commands are all commands of the context.
var Commands = []command.Spec{
	command.Create[FormTeam](Teams, "form", "", "Form a team.", keyed(func(m es.Meta, c FormTeam) TeamID { return TeamOf(m.Tenant, c.Code) })),
	command.On[RenameTeam](Teams, "rename", "", "Give the team another name."),
	command.On[JoinART](Teams, "join-art", "", "Make the team part of an ART."),
	command.On[LeaveART](Teams, "leave-art", "", "Take the team out of its ART."),
	command.On[AddMember](Teams, "add-member", "", "Take somebody into the team.",
		know(func(f facts, id TeamID, s Team, c AddMember) (_ AddMember, err error) {
			c.Elsewhere, err = f.elsewhere(c.Person, id)
			return c, err
		})),
	command.On[ChangeMember](Teams, "change-member", "", "Change somebody's role, share or days in the team.",
		know(func(f facts, id TeamID, s Team, c ChangeMember) (_ ChangeMember, err error) {
			c.Elsewhere, err = f.elsewhere(c.Person, id)
			return c, err
		})),
	command.On[RemoveMember](Teams, "remove-member", "", "End somebody's time in the team."),
	command.On[SetCadence](Teams, "set-cadence", "", "Set the length of the team's iterations."),
	command.On[DefineReady](Teams, "define-ready", "", "Set the team's Definition of Ready.", command.Strict[Team, DefineReady]()),
	command.On[DefineDone](Teams, "define-done", "", "Set the team's Definition of Done.", command.Strict[Team, DefineDone]()),
	command.On[SetBoard](Teams, "set-board", "", "Set the columns of the team's board.", command.Strict[Team, SetBoard]()),
	command.On[Disband](Teams, "disband", "", "Disband the team.",
		know(func(f facts, id TeamID, s Team, c Disband) (Disband, error) {
			rows, err := f.others(id, "")
			for _, r := range rows {
				if r.State == IterationPlanned || r.State == IterationActive {
					c.OpenIterations++
				}
			}
			return c, err
		})),

	command.Create[CreateItem](Items, "create", "story.define", "Create a work item.",
		know(func(f facts, id ItemID, s Item, c CreateItem) (_ CreateItem, err error) {
			if c.Above, err = f.above(id, c.Parent); err != nil || c.Team == "" {
				return c, err
			}
			c.TeamGone, err = f.gone(c.Team)
			return c, err
		})),
	command.Create[CreatePart](Items, "create-part", "", "Create one part of a split item.", command.Internal[Item, CreatePart](),
		keyed(func(_ es.Meta, c CreatePart) ItemID { return c.ID })),
	command.On[Describe](Items, "describe", "story.define", "Set the item's texts.", command.Strict[Item, Describe]()),
	command.On[SetEnabler](Items, "set-enabler", "enabler.define", "Make the item an enabler, or not."),
	command.On[SetSpike](Items, "set-spike", "story.define", "Make the story a spike, or not."),
	command.On[WriteFinding](Items, "write-finding", "", "Write down what the spike found.", command.Strict[Item, WriteFinding]()),
	command.On[DescribeDefect](Items, "describe-defect", "", "Say how severe the bug is, where it was found and how to reproduce it.", command.Strict[Item, DescribeDefect]()),
	command.On[SetParent](Items, "set-parent", "story.define", "Say what the item is part of.",
		know(func(f facts, id ItemID, s Item, c SetParent) (_ SetParent, err error) {
			c.Above, err = f.above(id, &c.Parent)
			return c, err
		})),
	command.On[AddCriterion](Items, "add-criterion", "story.define", "Add an acceptance criterion."),
	command.On[TickCriterion](Items, "tick-criterion", "", "Say that the item meets an acceptance criterion."),
	command.On[UntickCriterion](Items, "untick-criterion", "", "Say that the item does not meet an acceptance criterion after all."),
	command.On[RemoveCriterion](Items, "remove-criterion", "story.define", "Take an acceptance criterion away."),
	command.On[TickCheck](Items, "tick-check", "", "Say that the item meets a check of its team's definitions.",
		know(func(f facts, id ItemID, s Item, c TickCheck) (_ TickCheck, err error) {
			c.Team, err = f.team(s.Team)
			return c, err
		})),
	command.On[UntickCheck](Items, "untick-check", "", "Say that the item does not meet a check of its team's definitions after all."),
	command.On[Estimate](Items, "estimate", "item.estimate", "Set the item's size in story points.",
		know(func(f facts, id ItemID, s Item, c Estimate) (_ Estimate, err error) {
			c.Team, err = f.team(s.Team)
			return c, err
		})),
	command.On[SetRemaining](Items, "set-remaining", "", "Set how many hours of a task remain."),
	command.On[ScoreWSJF](Items, "score-wsjf", "feature.prioritise", "Score weighted shortest job first."),
	command.On[ScoreRICE](Items, "score-rice", "feature.prioritise", "Score reach, impact, confidence and effort."),
	command.On[Assign](Items, "assign", "", "Say who does it."),
	command.On[Label](Items, "label", "", "Add and remove labels."),
	command.On[SetCustom](Items, "set-custom", "", "Set a field of the organisation's own."),
	command.On[SetTeam](Items, "set-team", "story.define", "Give the item to a team.",
		know(func(f facts, id ItemID, s Item, c SetTeam) (_ SetTeam, err error) {
			c.TeamGone, err = f.gone(c.Team)
			return c, err
		})),
	command.On[SetProduct](Items, "set-product", "story.define", "Say which product the item is for."),
	command.On[SetART](Items, "set-art", "story.define", "Put the item into the backlog of an ART."),
	command.On[MarkReady](Items, "mark-ready", "story.define", "Say that the item may be taken.",
		know(func(f facts, id ItemID, s Item, c MarkReady) (_ MarkReady, err error) {
			c.Around, err = f.around(id, s)
			return c, err
		})),
	command.On[PlanInto](Items, "plan-into", "iteration.items.select", "Plan the item into an iteration or a planning interval.",
		know(func(f facts, id ItemID, s Item, c PlanInto) (_ PlanInto, err error) {
			if c.Target, err = f.iteration(c.Iteration); err != nil {
				return c, err
			}
			c.Current, err = f.iteration(s.Iteration)
			return c, err
		})),
	command.On[Unplan](Items, "unplan", "iteration.items.select", "Put the item back into the backlog.",
		know(func(f facts, id ItemID, s Item, c Unplan) (_ Unplan, err error) {
			c.Current, err = f.iteration(s.Iteration)
			return c, err
		})),
	command.On[SettlePlan](Items, "settle", "", "Follow the scope of an iteration.", command.Internal[Item, SettlePlan](),
		know(func(f facts, id ItemID, s Item, c SettlePlan) (_ SettlePlan, err error) {
			if c.Target, err = f.iteration(c.Iteration); err != nil {
				return c, err
			}
			c.InScope = slices.Contains(c.Target.Items, id)
			c.Current, err = f.iteration(s.Iteration)
			return c, err
		})),
	command.On[Start](Items, "start", "", "Begin the work.",
		know(func(f facts, id ItemID, s Item, c Start) (_ Start, err error) {
			c.Around, err = f.around(id, s)
			return c, err
		})),
	command.On[BlockItem](Items, "block", "", "Say that work cannot go on."),
	command.On[Unblock](Items, "unblock", "", "Say that work can go on."),
	command.On[MoveTo](Items, "move-to", "", "Move the item to a state and a column of the board.",
		know(func(f facts, id ItemID, s Item, c MoveTo) (_ MoveTo, err error) {
			c.Around, err = f.around(id, s)
			return c, err
		})),
	command.On[Accept](Items, "accept", "story.accept", "Say that the item is done.",
		know(func(f facts, id ItemID, s Item, c Accept) (_ Accept, err error) {
			c.Around, err = f.around(id, s)
			return c, err
		})),
	command.On[RejectAcceptance](Items, "reject-acceptance", "story.accept", "Say what is missing; work goes on.",
		know(func(f facts, id ItemID, s Item, c RejectAcceptance) (_ RejectAcceptance, err error) {
			c.Around, err = f.around(id, s)
			return c, err
		})),
	command.On[Reopen](Items, "reopen", "story.accept", "Take the item back into work.",
		know(func(f facts, id ItemID, s Item, c Reopen) (_ Reopen, err error) {
			c.Around, err = f.around(id, s)
			return c, err
		})),
	command.On[Cancel](Items, "cancel", "story.define", "Say that nobody will do the item."),
	command.On[Split](Items, "split", "story.define", "Cancel the item in favour of its parts."),
	command.On[MarkReleased](Items, "release", "release.approve", "Say that the item reached its users."),
	command.On[SetBenefitCheck](Items, "set-benefit-check", "feature.define", "Set the day on which the benefit is checked."),
	command.On[RecordOutcome](Items, "record-outcome", "feature.accept", "Say whether the benefit came."),
	command.On[LinkItem](Items, "link", "", "Link the item to another one or to something outside.",
		know(func(f facts, id ItemID, s Item, c LinkItem) (LinkItem, error) {
			to, err := f.item(c.To)
			c.Itself, c.Found = c.To == id, to.Exists()
			if before, after, ok := c.waits(id); ok && c.Found && err == nil {
				c.Cycle, err = f.cycle(before, after)
			}
			return c, err
		})),
	command.On[UnlinkItem](Items, "unlink", "", "Take a link away."),
	command.On[AddComment](Items, "comment", "", "Say something about the item."),
	command.Create[ImportItem](Items, "import", "", "Carry an item over as it is in its source.", command.Internal[Item, ImportItem](),
		keyed(func(m es.Meta, c ImportItem) ItemID { return ImportedItem(m.Tenant, c.Source.System, c.Source.Key) })),
	command.On[ImportLinks](Items, "import-links", "", "Carry over what an imported item is part of, its links and its iterations.", command.Internal[Item, ImportLinks](),
		know(func(f facts, id ItemID, s Item, c ImportLinks) (_ ImportLinks, err error) {
			c.Self = id
			c.Above, err = f.above(id, c.Parent)
			return c, err
		})),
	command.On[ImportComments](Items, "import-comments", "", "Carry over comments on an imported item.", command.Internal[Item, ImportComments]()),
	command.On[ImportHistory](Items, "import-history", "", "Carry over the history of an imported item.", command.Internal[Item, ImportHistory]()),

	command.Create[OpenBacklog](Orders, "open", "backlog.order", "Open the backlog of a team, an ART, a solution train, a portfolio or a product.",
		keyed(func(m es.Meta, c OpenBacklog) OrderID { return OrderOf(m.Tenant, c.Owner) })),
	command.On[Place](Orders, "place", "backlog.order", "Put items into the backlog.",
		know(func(f facts, id OrderID, s Order, c Place) (_ Place, err error) {
			if len(c.Items) <= maxList {
				c.Known, err = f.known(c.Items...)
			}
			return c, err
		})),
	command.On[MoveBefore](Orders, "move-before", "backlog.order", "Move an item to before another one.",
		know(func(f facts, id OrderID, s Order, c MoveBefore) (_ MoveBefore, err error) {
			c.Known, err = f.known(c.Item)
			return c, err
		})),
	command.On[MoveAfter](Orders, "move-after", "backlog.order", "Move an item to after another one.",
		know(func(f facts, id OrderID, s Order, c MoveAfter) (_ MoveAfter, err error) {
			c.Known, err = f.known(c.Item)
			return c, err
		})),
	command.On[Remove](Orders, "remove", "backlog.order", "Take an item out of the backlog."),
	command.Create[SettlePlace](Orders, "settle", "", "Have an item that belongs into the backlog, and no other.", command.Internal[Order, SettlePlace](),
		keyed(func(m es.Meta, c SettlePlace) OrderID { return OrderOf(m.Tenant, c.Owner) }),
		know(func(f facts, id OrderID, s Order, c SettlePlace) (SettlePlace, error) {
			item, err := f.item(c.Item)
			c.Belongs = item.Backlog.same(&c.Owner)
			return c, err
		})),
	command.On[FreezeTop](Orders, "freeze-top", "backlog.order", "Keep the first items where they are."),
	command.On[PlaceImported](Orders, "place-imported", "", "Put imported items at the bottom in the order of their source.", command.Internal[Order, PlaceImported]()),

	command.Create[ScheduleIteration](Iterations, "schedule", "", "Schedule an iteration of a team.",
		keyed(func(m es.Meta, c ScheduleIteration) IterationID { return c.id(m) }),
		know(func(f facts, id IterationID, s Iteration, c ScheduleIteration) (_ ScheduleIteration, err error) {
			if c.TeamGone, err = f.gone(c.Team); err != nil {
				return c, err
			}
			c.Others, err = f.spans(c.Team, id)
			return c, err
		})),
	command.On[Reschedule](Iterations, "reschedule", "", "Change the days or the name of a planned iteration.",
		know(func(f facts, id IterationID, s Iteration, c Reschedule) (_ Reschedule, err error) {
			c.Others, err = f.spans(s.Team, id)
			return c, err
		})),
	command.On[SetGoal](Iterations, "set-goal", "iteration.goal", "Say what the iteration is for."),
	command.On[StartIteration](Iterations, "start", "", "Freeze the forecast and start the iteration.",
		know(func(f facts, id IterationID, s Iteration, c StartIteration) (StartIteration, error) {
			rows, err := f.others(s.Team, id)
			for _, r := range rows {
				c.OtherActive = c.OtherActive || s.Team != "" && r.State == IterationActive
			}
			if err == nil {
				c.Items, err = f.planned(id)
			}
			return c, err
		})),
	command.On[ChangeScope](Iterations, "change-scope", "iteration.items.select", "Record that items come into the iteration or leave it.",
		know(func(f facts, id IterationID, s Iteration, c ChangeScope) (_ ChangeScope, err error) {
			if len(c.Add)+len(c.Remove) <= 2*maxList {
				c.Items, err = f.named(append(c.Add[:len(c.Add):len(c.Add)], c.Remove...)...)
			}
			return c, err
		})),
	command.On[SettleScope](Iterations, "settle", "", "Record whether an item is in the iteration.", command.Internal[Iteration, SettleScope](),
		know(func(f facts, id IterationID, s Iteration, c SettleScope) (SettleScope, error) {
			item, err := f.item(c.Item)
			c.Here, c.Closed, c.Points = item.Iteration == id, item.State.Closed(), item.Points
			return c, err
		})),
	command.On[CloseIteration](Iterations, "close", "", "Close the iteration with its results.",
		know(func(f facts, id IterationID, s Iteration, c CloseIteration) (_ CloseIteration, err error) {
			if c.Items, err = f.planned(id); err != nil {
				return c, err
			}
			c.Following, err = f.iteration(c.Next)
			return c, err
		})),
	command.On[CancelIteration](Iterations, "cancel", "iteration.cancel", "Cancel the iteration.",
		know(func(f facts, id IterationID, s Iteration, c CancelIteration) (_ CancelIteration, err error) {
			c.Items, err = f.planned(id)
			return c, err
		})),
	command.Create[ImportIteration](Iterations, "import", "", "Carry an iteration over as it is in its source.", command.Internal[Iteration, ImportIteration](),
		keyed(func(m es.Meta, c ImportIteration) IterationID {
			return ImportedIteration(m.Tenant, c.Source.System, c.Source.Key)
		})),
}

// TeamOf is the id of the team with a code.
func TeamOf(t es.Tenant, code string) TeamID { return es.DeriveID[Team](t.String(), "team", code) }

// keyed is command.Keyed, with its types inferred.
func keyed[S any, C es.Command[S]](id func(es.Meta, C) es.ID[S]) command.Option[S, C] {
	return command.Keyed(id)
}

// know is command.Facts for what facts can tell.
func know[S any, C es.Command[S]](fill func(facts, es.ID[S], S, C) (C, error)) command.Option[S, C] {
	return command.Facts(func(ctx context.Context, w *command.World, m es.Meta, id es.ID[S], s S, c C) (C, error) {
		return fill(facts{ctx, w, m.Tenant}, id, s, c)
	})
}
