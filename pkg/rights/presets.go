package rights

// Joint says how several deciding roles decide together.
type Joint string

const (
	JointAny Joint = "any" // one of them is enough
	JointAll Joint = "all" // all of them must want it
)

// Entry is who has which part in one kind of decision. Who has none may still
// propose.
type Entry struct {
	Decide   []Role `json:"decide" doc:"roles that decide (D)" maxItems:"30"`
	Joint    Joint  `json:"joint,omitempty" enum:"any,all" doc:"how several deciding roles decide: one is enough, or all must want it"`
	Agree    []Role `json:"agree,omitempty" doc:"roles that must agree, and so can veto (A)" maxItems:"30"`
	Consult  []Role `json:"consult,omitempty" doc:"roles that are heard first (C)" maxItems:"30"`
	Inform   []Role `json:"inform,omitempty" doc:"roles that hear of it afterwards (I)" maxItems:"30"`
	Blocking bool   `json:"blocking,omitempty" doc:"the decision waits for those to be consulted, until the proposal is due"`
}

// Preset names a ready-made division of rights.
type Preset string

const (
	SAFe      Preset = "safe"
	PMLed     Preset = "pm-led"
	POLed     Preset = "po-led"
	ScrumOnly Preset = "scrum-only"
	Blended   Preset = "blended"
)

// PresetType describes a preset for people.
type PresetType struct {
	Name  Preset `json:"name"`
	Label string `json:"label"`
	Doc   string `json:"doc"`
}

// PresetTypes lists the presets in the order to show them.
var PresetTypes = []PresetType{
	{SAFe, "SAFe", "Product Management decides for the product, Product Owners for their team's backlog, Portfolio Leadership for the portfolio."},
	{PMLed, "Product manager leads", "The product manager decides on vision, roadmap and features and consults the Product Owner."},
	{POLed, "Product owner leads", "The Product Owner decides on vision, roadmap, scope, budget and features and consults the product manager."},
	{ScrumOnly, "Scrum only", "One Product Owner and one team; no portfolio."},
	{Blended, "One person for both", "One owner is product manager and Product Owner."},
}

// Presets holds domain.md §5.2: preset → decision → entry. A decision that a
// preset lacks is one that everybody who may write may take. It is a table to
// read; do not change it.
var Presets = presets(matrix)

// row is one line of the matrix: the decisions that share it, and one entry
// per preset. An entry without a decider is "n/a".
type row struct {
	decisions                              []Decision
	safe, pmLed, poLed, scrumOnly, blended Entry
}

// matrix reads like the table of domain.md §5.2. Where that says "portfolio"
// it means Portfolio Leadership, and "architect" the System Architect; "BO or
// sponsor" is one of the two. Whoever records a decision needs the right to,
// so the Release Train Engineer, who records ROAM for the train, may decide
// beside the risk's owner.
var matrix = []row{
	{
		decisions: []Decision{"portfolio.strategy.set", "portfolio.theme.set", "portfolio.okr.set"},
		safe:      Entry{Decide: by(PortfolioLeadership), Consult: by(BusinessOwner, EnterpriseArchitect)},
		pmLed:     Entry{Decide: by(PortfolioLeadership), Consult: by(BusinessOwner, EnterpriseArchitect)},
		poLed:     Entry{Decide: by(PortfolioLeadership), Consult: by(BusinessOwner, EnterpriseArchitect)},
		blended:   Entry{Decide: by(Owner)},
	},
	{
		decisions: []Decision{"product.vision.publish", "product.strategy.publish"},
		safe:      Entry{Decide: by(ProductManagement), Consult: by(ProductOwner, SystemArchitect, BusinessOwner)},
		pmLed:     Entry{Decide: by(ProductManagement), Consult: by(ProductOwner)},
		poLed:     Entry{Decide: by(ProductOwner), Consult: by(ProductManagement)},
		scrumOnly: Entry{Decide: by(ProductOwner)},
		blended:   Entry{Decide: by(Owner)},
	},
	{
		decisions: []Decision{"roadmap.item.commit", "roadmap.publish"},
		safe:      Entry{Decide: by(ProductManagement), Consult: by(ProductOwner, BusinessOwner)},
		pmLed:     Entry{Decide: by(ProductManagement), Consult: by(ProductOwner)},
		poLed:     Entry{Decide: by(ProductOwner), Consult: by(ProductManagement)},
		scrumOnly: Entry{Decide: by(ProductOwner)},
		blended:   Entry{Decide: by(Owner)},
	},
	{
		decisions: []Decision{"market.publish", "persona.publish", "competitor.publish"},
		safe:      Entry{Decide: by(ProductManagement), Consult: by(ProductOwner)},
		pmLed:     Entry{Decide: by(ProductManagement)},
		poLed:     Entry{Decide: by(ProductManagement), Consult: by(ProductOwner)},
		scrumOnly: Entry{Decide: by(ProductOwner)},
		blended:   Entry{Decide: by(Owner)},
	},
	{
		decisions: []Decision{"epic.go_nogo", "epic.outcome"},
		safe:      Entry{Decide: by(PortfolioLeadership), Agree: by(BusinessOwner), Consult: by(EpicOwner, EnterpriseArchitect)},
		pmLed:     Entry{Decide: by(Sponsor), Consult: by(ProductManagement)},
		poLed:     Entry{Decide: by(Sponsor), Consult: by(ProductOwner)},
		blended:   Entry{Decide: by(Owner)},
	},
	{
		decisions: []Decision{"budget.allocate", "budget.adjust", "guardrail.set"},
		safe:      Entry{Decide: by(PortfolioLeadership), Consult: by(BusinessOwner)},
		pmLed:     Entry{Decide: by(PortfolioLeadership), Consult: by(ProductManagement)},
		poLed:     Entry{Decide: by(PortfolioLeadership), Consult: by(ProductOwner)},
		scrumOnly: Entry{Decide: by(Sponsor)},
		blended:   Entry{Decide: by(Owner)},
	},
	{
		decisions: []Decision{"project.budget.change", "project.scope.change", "project.timeline.change"},
		safe:      Entry{Decide: by(ProductManagement), Agree: by(BusinessOwner), Consult: by(ProductOwner)},
		pmLed:     Entry{Decide: by(ProductManagement), Consult: by(ProductOwner)},
		poLed:     Entry{Decide: by(ProductOwner), Agree: by(Stakeholder)},
		scrumOnly: Entry{Decide: by(ProductOwner)},
		blended:   Entry{Decide: by(Owner)},
	},
	{
		decisions: []Decision{"capacityAllocation.set"},
		safe:      Entry{Decide: by(ProductManagement, SystemArchitect), Joint: JointAll, Agree: by(BusinessOwner)},
		pmLed:     Entry{Decide: by(ProductManagement)},
		poLed:     Entry{Decide: by(ProductOwner)},
		scrumOnly: Entry{Decide: by(ProductOwner)},
		blended:   Entry{Decide: by(Owner)},
	},
	{
		decisions: []Decision{"feature.define", "feature.prioritise", "feature.accept"},
		safe:      Entry{Decide: by(ProductManagement), Consult: by(ProductOwner, SystemArchitect)},
		pmLed:     Entry{Decide: by(ProductManagement), Consult: by(ProductOwner)},
		poLed:     Entry{Decide: by(ProductOwner), Consult: by(ProductManagement)},
		scrumOnly: Entry{Decide: by(ProductOwner)},
		blended:   Entry{Decide: by(Owner)},
	},
	{
		decisions: []Decision{"enabler.define", "NFR.set"},
		safe:      Entry{Decide: by(SystemArchitect), Consult: by(ProductManagement)},
		pmLed:     Entry{Decide: by(SystemArchitect)},
		poLed:     Entry{Decide: by(SystemArchitect)},
		scrumOnly: Entry{Decide: by(Team)},
		blended:   Entry{Decide: by(Team)},
	},
	{
		decisions: []Decision{"story.define", "story.accept", "backlog.order", "iteration.goal"},
		safe:      Entry{Decide: by(ProductOwner), Consult: by(Team)},
		pmLed:     Entry{Decide: by(ProductOwner)},
		poLed:     Entry{Decide: by(ProductOwner)},
		scrumOnly: Entry{Decide: by(ProductOwner)},
		blended:   Entry{Decide: by(Owner)},
	},
	{
		decisions: []Decision{"item.estimate", "iteration.items.select"},
		safe:      Entry{Decide: by(Team)},
		pmLed:     Entry{Decide: by(Team)},
		poLed:     Entry{Decide: by(Team)},
		scrumOnly: Entry{Decide: by(Team)},
		blended:   Entry{Decide: by(Team)},
	},
	{
		decisions: []Decision{"iteration.scope.change", "iteration.cancel"},
		safe:      Entry{Decide: by(ProductOwner), Consult: by(Team)},
		pmLed:     Entry{Decide: by(ProductOwner)},
		poLed:     Entry{Decide: by(ProductOwner)},
		scrumOnly: Entry{Decide: by(ProductOwner)},
		blended:   Entry{Decide: by(Owner)},
	},
	{
		decisions: []Decision{"pi.plan.accept", "objective.value.set"},
		safe:      Entry{Decide: by(BusinessOwner), Consult: by(ProductManagement)},
		pmLed:     Entry{Decide: by(BusinessOwner, Sponsor), Joint: JointAny},
		poLed:     Entry{Decide: by(ProductOwner)},
		blended:   Entry{Decide: by(Owner)},
	},
	{
		decisions: []Decision{"risk.roam"},
		safe:      Entry{Decide: by(RiskOwner, ReleaseTrainEngineer), Joint: JointAny, Consult: by(Team, BusinessOwner)},
		pmLed:     Entry{Decide: by(ProjectLead)},
		poLed:     Entry{Decide: by(ProductOwner)},
		scrumOnly: Entry{Decide: by(ScrumMaster)},
		blended:   Entry{Decide: by(Owner)},
	},
	{
		decisions: []Decision{"release.approve"},
		safe:      Entry{Decide: by(ProductManagement), Agree: by(SignOffParty)},
		pmLed:     Entry{Decide: by(ProductManagement)},
		poLed:     Entry{Decide: by(ProductOwner), Agree: by(Stakeholder)},
		scrumOnly: Entry{Decide: by(ProductOwner)},
		blended:   Entry{Decide: by(Owner)},
	},
	{
		decisions: []Decision{"feedback.triage", "insight.link", "idea.status"},
		safe:      Entry{Decide: by(ProductManagement, ProductOwner), Joint: JointAny},
		pmLed:     Entry{Decide: by(ProductManagement)},
		poLed:     Entry{Decide: by(ProductOwner)},
		scrumOnly: Entry{Decide: by(ProductOwner)},
		blended:   Entry{Decide: by(Owner)},
	},
	{
		decisions: []Decision{"survey.send", "stakeholder.update"},
		safe:      Entry{Decide: by(ProductManagement), Consult: by(ProductOwner)},
		pmLed:     Entry{Decide: by(ProductManagement)},
		poLed:     Entry{Decide: by(ProductManagement)},
		scrumOnly: Entry{Decide: by(ProductOwner)},
		blended:   Entry{Decide: by(Owner)},
	},
	{
		decisions: []Decision{PolicyChange},
		safe:      Entry{Decide: by(PortfolioLeadership)},
		pmLed:     Entry{Decide: by(HeadOfProduct)},
		poLed:     Entry{Decide: by(HeadOfProduct)},
		scrumOnly: Entry{Decide: by(Administrator)},
		blended:   Entry{Decide: by(Owner)},
	},
}

func by(roles ...Role) []Role { return roles }

func presets(rows []row) map[Preset]map[Decision]Entry {
	all := map[Preset]map[Decision]Entry{SAFe: {}, PMLed: {}, POLed: {}, ScrumOnly: {}, Blended: {}}
	for _, r := range rows {
		for _, d := range r.decisions {
			for p, e := range map[Preset]Entry{SAFe: r.safe, PMLed: r.pmLed, POLed: r.poLed, ScrumOnly: r.scrumOnly, Blended: r.blended} {
				if len(e.Decide) > 0 {
					all[p][d] = e
				}
			}
		}
	}
	return all
}
