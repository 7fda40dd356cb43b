package rights

// Role is the stable key of a role that a policy names and a person holds. A
// person's title grants nothing; the roles assigned to them do.
type Role string

// The keys are those of SAFe 6.0, followed by the roles that the other presets
// name. Keys are stored: never change one. Labels may change.
const (
	ProductManagement     Role = "product-management"
	ProductOwner          Role = "product-owner"
	ScrumMaster           Role = "scrum-master"
	Team                  Role = "team"
	SystemArchitect       Role = "system-architect"
	ReleaseTrainEngineer  Role = "release-train-engineer"
	BusinessOwner         Role = "business-owner"
	EpicOwner             Role = "epic-owner"
	EnterpriseArchitect   Role = "enterprise-architect"
	PortfolioLeadership   Role = "portfolio-leadership"
	ValueManagementOffice Role = "value-management-office"
	SolutionManagement    Role = "solution-management"
	SolutionArchitect     Role = "solution-architect"
	SolutionTrainEngineer Role = "solution-train-engineer"
	Sponsor               Role = "sponsor"
	Stakeholder           Role = "stakeholder"
	ProjectLead           Role = "project-lead"
	HeadOfProduct         Role = "head-of-product"
	RiskOwner             Role = "risk-owner"
	SignOffParty          Role = "sign-off-party"
	Owner                 Role = "owner"
	Administrator         Role = "administrator"
)

// RoleType describes one role for people.
type RoleType struct {
	Name  Role   `json:"name"`
	Label string `json:"label"`
	Doc   string `json:"doc"` // one sentence: what the role is for (domain.md §2.12)
}

// Roles lists every role that a policy may name, in the order to show them.
var Roles = []RoleType{
	{PortfolioLeadership, "Portfolio Leadership", "Lean portfolio management: strategy, budgets, guardrails, Go or No-go, and what becomes of an epic."},
	{EnterpriseArchitect, "Enterprise Architect", "Portfolio technology and enabler epics."},
	{EpicOwner, "Epic Owner", "Prepares an epic, recommends and coordinates."},
	{ValueManagementOffice, "Value Management Office", "Facilitates the portfolio and measures it."},
	{BusinessOwner, "Business Owner", "Business value, plan acceptance, return on investment, compliance."},
	{ProductManagement, "Product Management", "Vision and roadmap of the product, content and order of the ART backlog, feature acceptance, release on demand."},
	{SystemArchitect, "System Architect", "Technical authority, enablers and non-functional requirements of the ART."},
	{ReleaseTrainEngineer, "Release Train Engineer", "Facilitates events, flow and risks of the ART; no authority over content."},
	{SolutionManagement, "Solution Management", "What Product Management is for an ART, for a solution train."},
	{SolutionArchitect, "Solution Architect", "What the System Architect is for an ART, for a solution train."},
	{SolutionTrainEngineer, "Solution Train Engineer", "What the Release Train Engineer is for an ART, for a solution train."},
	{ProductOwner, "Product Owner", "Content and order of the team backlog, story acceptance."},
	{ScrumMaster, "Scrum Master/Team Coach", "Facilitates the team; no authority over content."},
	{Team, "Agile Team", "The developers: estimates, iteration plan, objectives."},
	{HeadOfProduct, "Head of Product", "Leads the product people where there is no portfolio."},
	{ProjectLead, "Project Lead", "Leads a project where there is no train."},
	{Sponsor, "Sponsor", "Pays for it."},
	{Stakeholder, "Stakeholder", "Is affected by it and speaks for those who are."},
	{RiskOwner, "Risk Owner", "Answers for a risk."},
	{SignOffParty, "Sign-off party", "Must sign a release off."},
	{Owner, "Owner", "One person for product management and product ownership together."},
	{Administrator, "Administrator", "Runs the organisation's account and falls in where nobody else can decide."},
}

// Known tells whether the role is one of Roles.
func (r Role) Known() bool {
	for _, t := range Roles {
		if t.Name == r {
			return true
		}
	}
	return false
}

// Label returns the role as people read it; an unknown role is its own label.
func (r Role) Label() string {
	for _, t := range Roles {
		if t.Name == r {
			return t.Label
		}
	}
	return string(r)
}
