package strategy

import (
	"slices"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
)

// Schemas are the stored names of all aggregates of the context.
var Schemas = []es.Decoder{PortfolioSchema, ValueStreamSchema, ProductSchema, VisionSchema, ThemeSchema, ObjectiveSchema, EpicSchema}

// Commands are all commands of the context.
var Commands = slices.Concat(portfolioCommands, valueStreamCommands, productCommands, visionCommands, themeCommands, objectiveCommands, epicCommands)

var portfolioCommands = []command.Spec{
	command.Create[DefinePortfolio](Portfolios, "define", "portfolio.strategy.set", "Define a portfolio.",
		know(func(_ facts, id PortfolioID, _ Portfolio, c DefinePortfolio) (DefinePortfolio, error) {
			c.ID = id
			return c, nil
		})),
	command.On[RevisePortfolio](Portfolios, "revise", "portfolio.strategy.set", "Say anew what the portfolio is called, is about and who owns it.",
		command.Strict[Portfolio, RevisePortfolio]()),
	command.On[SelectConfiguration](Portfolios, "select-configuration", "portfolio.strategy.set", "Select the SAFe configuration: essential, large-solution, portfolio or full.",
		know(func(f facts, id PortfolioID, _ Portfolio, c SelectConfiguration) (_ SelectConfiguration, err error) {
			c.Use, err = f.use(id)
			return c, err
		})),
	command.On[SetKanbanPolicy](Portfolios, "set-kanban-policy", "portfolio.strategy.set", "Set the WIP limits and column policies of the portfolio Kanban."),
	command.On[SetEpicThreshold](Portfolios, "set-epic-threshold", "guardrail.set", "Say from which cost, length or importance on an initiative is a portfolio epic."),
	command.On[SetHorizonTargets](Portfolios, "set-horizon-targets", "guardrail.set", "Set the target share of each investment horizon."),
	command.On[UpdatePortfolioVision](Portfolios, "update-vision", "portfolio.strategy.set", "Write the portfolio's postcard from the future.",
		command.Strict[Portfolio, UpdatePortfolioVision]()),
	command.On[UpdateCanvas](Portfolios, "update-canvas", "portfolio.strategy.set", "Write the current or the future portfolio canvas.",
		command.Strict[Portfolio, UpdateCanvas]()),
	command.On[UseLevel](Portfolios, "use-level", "", "Say that another context has items of a level under the portfolio.",
		command.Internal[Portfolio, UseLevel]()),
	command.On[ArchivePortfolio](Portfolios, "archive", "portfolio.strategy.set", "Archive a portfolio without open epics and value streams.",
		know(func(f facts, id PortfolioID, _ Portfolio, c ArchivePortfolio) (_ ArchivePortfolio, err error) {
			c.Use, err = f.use(id)
			return c, err
		})),
}

var valueStreamCommands = []command.Spec{
	command.Create[RegisterValueStream](ValueStreams, "register", "portfolio.strategy.set", "Add a value stream to a portfolio.",
		know(func(f facts, id ValueStreamID, _ ValueStream, c RegisterValueStream) (_ RegisterValueStream, err error) {
			c.ID = id
			c.In, err = state(f, Portfolios, c.Portfolio)
			return c, err
		})),
	command.On[ReviseValueStream](ValueStreams, "revise", "portfolio.strategy.set", "Say anew what the value stream is called and is about.",
		command.Strict[ValueStream, ReviseValueStream]()),
	command.On[AttachArt](ValueStreams, "attach-art", "portfolio.strategy.set", "Let an ART work for the value stream."),
	command.On[DetachArt](ValueStreams, "detach-art", "portfolio.strategy.set", "Let an ART no longer work for the value stream."),
	command.On[SetCapacityAllocation](ValueStreams, "set-capacity-allocation", "capacityAllocation.set", "Split each planning interval's capacity between features, enablers and maintenance."),
	// No budget periods are decided on in this context yet, so none is active.
	command.On[RetireValueStream](ValueStreams, "retire", "portfolio.strategy.set", "Retire a value stream without open epics and budget.",
		know(func(f facts, id ValueStreamID, _ ValueStream, c RetireValueStream) (_ RetireValueStream, err error) {
			c.OpenEpics, err = count(f, epicRows, openFor, id.String())
			return c, err
		})),
}

var productCommands = []command.Spec{
	command.Create[RegisterProduct](Products, "register", "portfolio.strategy.set", "Register a product and who is accountable for it.",
		command.Numbered[Product, RegisterProduct]("P"),
		know(func(f facts, id ProductID, _ Product, c RegisterProduct) (_ RegisterProduct, err error) {
			c.ID = id
			if c.In, err = state(f, Portfolios, c.Portfolio); err != nil {
				return c, err
			}
			c.Above, err = f.above(id, c.Parent)
			return c, err
		})),
	command.On[ReviseProduct](Products, "revise", "product.strategy.publish", "Say anew what the product is called and is about.",
		command.Strict[Product, ReviseProduct]()),
	command.On[AssignAccountable](Products, "assign-accountable", "portfolio.strategy.set", "Hand the product over to another accountable person."),
	command.On[ChangeStage](Products, "change-stage", "product.strategy.publish", "Take the product to another stage of its life."),
	command.On[SetProductParent](Products, "set-parent", "product.strategy.publish", "Make the product part of another one, or of none.",
		know(func(f facts, id ProductID, _ Product, c SetProductParent) (_ SetProductParent, err error) {
			c.Above, err = f.above(id, c.Parent)
			return c, err
		})),
	command.On[SunsetProduct](Products, "sunset", "product.strategy.publish", "Begin to take the product from its users."),
}

var visionCommands = []command.Spec{
	command.Create[DraftVision](Visions, "draft", "", "Draft the vision of a product or a portfolio; there is one of each.",
		command.Keyed[ProductVision, DraftVision](func(m es.Meta, c DraftVision) VisionID { return VisionOf(m.Tenant, c.Product, c.Portfolio) }),
		know(func(f facts, _ VisionID, _ ProductVision, c DraftVision) (DraftVision, error) {
			product, err := state(f, Products, c.Product)
			if err != nil {
				return c, err
			}
			portfolio, err := state(f, Portfolios, c.Portfolio)
			c.There, c.Within = product.Stage != "" || portfolio.State != "", product.Portfolio
			return c, err
		})),
	command.On[ReviseVision](Visions, "revise", "", "Write the draft of the vision's next version.", command.Strict[ProductVision, ReviseVision]()),
	command.On[PublishVision](Visions, "publish", "product.vision.publish", "Make the draft the valid version, for an audience."),
	command.On[AcknowledgeVision](Visions, "acknowledge", "", "Take note of the valid version."),
}

var themeCommands = []command.Spec{
	command.Create[ProposeTheme](Themes, "propose", "", "Propose a strategic theme.",
		command.Numbered[StrategicTheme, ProposeTheme]("TH"),
		know(func(f facts, _ ThemeID, _ StrategicTheme, c ProposeTheme) (_ ProposeTheme, err error) {
			c.In, err = state(f, Portfolios, c.Portfolio)
			return c, err
		})),
	command.On[AdoptTheme](Themes, "adopt", "portfolio.theme.set", "Make the theme one that the portfolio pursues.",
		know(func(f facts, id ThemeID, _ StrategicTheme, c AdoptTheme) (_ AdoptTheme, err error) {
			c.Objectives, err = count(f, objectiveRows, measuresFor, id.String())
			return c, err
		})),
	command.On[ReviseTheme](Themes, "revise", "portfolio.theme.set", "Write anew what the theme says, its weight and its budget share.",
		command.Strict[StrategicTheme, ReviseTheme]()),
	command.On[RetireTheme](Themes, "retire", "portfolio.theme.set", "Retire the theme, for another one or for none.",
		know(func(f facts, id ThemeID, _ StrategicTheme, c RetireTheme) (RetireTheme, error) {
			if c.Successor == id {
				return c, nil
			}
			r, err := row(f, themeRows, c.Successor)
			c.Next = StrategicTheme{Portfolio: r.Portfolio, State: r.State, ThemeText: ThemeText{Title: r.Title}}
			return c, err
		})),
}

var objectiveCommands = []command.Spec{
	command.Create[DefineObjective](Objectives, "define", "portfolio.okr.set", "Define an objective, with key results if they are known.",
		command.Numbered[Objective, DefineObjective]("O"),
		know(func(f facts, id ObjectiveID, _ Objective, c DefineObjective) (_ DefineObjective, err error) {
			c.Facts, err = f.objective(id, c.Portfolio, c.Product, c.Theme, c.Parent)
			return c, err
		})),
	command.On[ReviseObjective](Objectives, "revise", "portfolio.okr.set", "Write anew what the objective says.", command.Strict[Objective, ReviseObjective]()),
	command.On[SetObjectiveTheme](Objectives, "set-theme", "portfolio.okr.set", "Say which theme the objective measures.",
		know(func(f facts, id ObjectiveID, s Objective, c SetObjectiveTheme) (_ SetObjectiveTheme, err error) {
			c.Facts, err = f.objective(id, s.Portfolio, s.Product, c.Theme, "")
			return c, err
		})),
	command.On[SetObjectiveParent](Objectives, "set-parent", "portfolio.okr.set", "Say which objective this one contributes to.",
		know(func(f facts, id ObjectiveID, s Objective, c SetObjectiveParent) (_ SetObjectiveParent, err error) {
			c.Facts, err = f.objective(id, s.Portfolio, s.Product, "", c.Parent)
			return c, err
		})),
	command.On[AddKeyResult](Objectives, "add-key-result", "portfolio.okr.set", "Add a key result; an objective has at most five."),
	command.On[RebaseKeyResult](Objectives, "rebase-key-result", "portfolio.okr.set", "Move where a key result starts or ends."),
	command.On[DropKeyResult](Objectives, "drop-key-result", "portfolio.okr.set", "Take a key result from the objective."),
	command.On[CheckInKeyResult](Objectives, "check-in", "", "Record the value of a key result."),
	command.On[GradeObjective](Objectives, "grade", "portfolio.okr.set", "Say from 0 to 1 how well the objective went."),
	command.On[CloseObjective](Objectives, "close", "portfolio.okr.set", "Close a graded objective, or a draft that is not pursued."),
}
