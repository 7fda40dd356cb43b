package portfolio

import (
	"slices"

	"throughline.dev/pkg/view"
	"throughline.dev/services/backlog"
	"throughline.dev/services/feedback"
	"throughline.dev/services/strategy"
)

// PlanName is the view that holds the line from the vision to the feedback.
const PlanName = "plan"

// Plan is the whole line in one fold, because its roll-ups cross every level:
// an accepted story moves its epic's progress, a linked insight its demand.
var Plan = view.New(PlanName, 3, []view.TableDef{
	portfolios, streams, products, visions, themes, objectives, epics, items, teams, iterations, orders, places, nodes, stays,
	wishes, linked, saying, proposedIdeas, casting,
}, slices.Concat(
	onPortfolio, onStream, onProduct, onTeam, onIteration, onOrder,
	view.OnAny(strategy.VisionSchema, onVision),
	view.OnAny(strategy.ThemeSchema, onTheme),
	view.OnAny(strategy.ObjectiveSchema, onObjective),
	view.OnAny(strategy.EpicSchema, onEpic),
	view.OnAny(backlog.ItemSchema, onItem),
	view.OnAny(feedback.InsightSchema, onInsight),
	view.OnAny(feedback.FeedbackSchema, onFeedbackNode),
	view.OnAny(feedback.IdeaSchema, onIdea),
	view.OnAny(feedback.VoteSchema, onVote),
)...)

// Views are all read models that span contexts.
var Views = []*view.View{Plan, Inbox, Decisions}
