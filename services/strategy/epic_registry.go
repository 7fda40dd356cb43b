package strategy

import (
	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
)

// to fills in what an epic must know to enter the column that a command names.
func to[C es.Command[Epic]](column func(C) EpicState, with func(*C, EpicFacts)) command.Option[Epic, C] {
	return know(func(f facts, _ EpicID, s Epic, c C) (C, error) {
		x, err := f.epic(s.Portfolio, column(c), s.Themes, nil)
		with(&c, x)
		return c, err
	})
}

// always is a column that does not depend on the command.
func always[C any](column EpicState) func(C) EpicState { return func(C) EpicState { return column } }

var epicCommands = []command.Spec{
	command.Create[SubmitEpic](Epics, "submit", "", "Submit an epic to the funnel.",
		command.Numbered[Epic, SubmitEpic]("E"),
		know(func(f facts, _ EpicID, _ Epic, c SubmitEpic) (_ SubmitEpic, err error) {
			if c.Facts, err = f.epic(c.Portfolio, "", c.Themes, c.ValueStreams); err != nil {
				return c, err
			}
			r, err := row(f, epicRows, c.PivotOf)
			c.Facts.Pivot = Epic{State: r.State, Resolution: r.Resolution}
			return c, err
		})),
	command.Create[ImportEpic](Epics, "import", "", "Take an epic from another system in the state that it has there.",
		command.Numbered[Epic, ImportEpic]("E"), command.Internal[Epic, ImportEpic](),
		command.Keyed[Epic, ImportEpic](func(m es.Meta, c ImportEpic) EpicID { return EpicOf(m.Tenant, c.Source) }),
		know(func(f facts, _ EpicID, _ Epic, c ImportEpic) (_ ImportEpic, err error) {
			c.Facts, err = f.epic(c.Portfolio, "", c.Themes, c.ValueStreams)
			return c, err
		})),
	command.On[ReviseEpic](Epics, "revise", "", "Say anew what the epic is called and is about, who owns it, and which themes and value streams it belongs to.",
		command.Strict[Epic, ReviseEpic](),
		know(func(f facts, _ EpicID, s Epic, c ReviseEpic) (_ ReviseEpic, err error) {
			c.Facts, err = f.epic(s.Portfolio, "", both(s.Themes, c.Themes), both([]ValueStreamID(nil), c.ValueStreams))
			return c, err
		})),
	command.On[LinkTheme](Epics, "link-theme", "", "Say that the epic serves a strategic theme.",
		know(func(f facts, _ EpicID, s Epic, c LinkTheme) (_ LinkTheme, err error) {
			c.Facts, err = f.epic(s.Portfolio, "", []ThemeID{c.Theme}, nil)
			return c, err
		})),
	command.On[UnlinkTheme](Epics, "unlink-theme", "", "Say that the epic no longer serves a strategic theme.",
		to(always[UnlinkTheme](""), func(c *UnlinkTheme, x EpicFacts) { c.Facts = x })),
	command.On[LinkObjective](Epics, "link-objective", "", "Say that the epic serves an objective.",
		know(func(f facts, _ EpicID, _ Epic, c LinkObjective) (_ LinkObjective, err error) {
			c.Facts.Objective, err = f.served(c.Objective)
			return c, err
		})),
	command.On[UnlinkObjective](Epics, "unlink-objective", "", "Say that the epic no longer serves an objective."),
	command.On[BlockEpic](Epics, "block", "", "Say what keeps the epic from moving on."),
	command.On[UnblockEpic](Epics, "unblock", "", "Say that the epic may move on."),

	command.On[CompleteHypothesis](Epics, "complete-hypothesis", "", "Write the epic hypothesis statement and its T-shirt cost.",
		command.Strict[Epic, CompleteHypothesis]()),
	command.On[ScoreWsjf](Epics, "score-wsjf", "", "Score the inputs of weighted shortest job first in a session."),
	command.On[CompleteBusinessCase](Epics, "complete-business-case", "", "Write a new version of the Lean business case.",
		command.Strict[Epic, CompleteBusinessCase]()),
	command.On[DecideGo](Epics, "decide-go", goRight, "Record Go on this version of the business case."),
	command.On[DecideNoGo](Epics, "decide-no-go", goRight, "Record No-go on this version of the business case, which ends the epic."),

	command.On[StartReview](Epics, "start-review", "", "Take the epic out of the funnel.",
		to(always[StartReview](Reviewing), func(c *StartReview, x EpicFacts) { c.Facts = x })),
	command.On[StartAnalysis](Epics, "start-analysis", "", "Begin work on the business case of a reviewed epic.",
		to(always[StartAnalysis](Analyzing), func(c *StartAnalysis, x EpicFacts) { c.Facts = x })),
	command.On[MakeReady](Epics, "make-ready", "", "Queue an epic that has its Go for implementation.",
		to(always[MakeReady](Ready), func(c *MakeReady, x EpicFacts) { c.Facts = x })),
	command.On[StartMvp](Epics, "start-mvp", "", "Begin to implement the MVP.",
		to(always[StartMvp](MVP), func(c *StartMvp, x EpicFacts) { c.Facts = x })),
	command.On[RecordIndicator](Epics, "record-indicator", "", "Record what a leading indicator showed."),
	command.On[DecideOutcome](Epics, "decide-outcome", outcomeRight, "Decide on the evidence: persevere, pivot or stop.",
		to(always[DecideOutcome](Persevere), func(c *DecideOutcome, x EpicFacts) { c.Facts = x })),
	command.On[FinishEpic](Epics, "finish", outcomeRight, "Say that the epic has delivered enough value."),
	command.On[ReturnToFunnel](Epics, "return-to-funnel", "", "Take an epic back that was not implemented yet."),
	command.On[RejectEpic](Epics, "reject", goRight, "End an epic that was never implemented."),
	command.On[MoveEpic](Epics, "move", "", "Move the epic to a column: the same as the command of that column.",
		to(func(c MoveEpic) EpicState { return c.To }, func(c *MoveEpic, x EpicFacts) { c.Facts = x })),
}
