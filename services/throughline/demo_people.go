package main

import (
	"context"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/rights"
	"throughline.dev/services/backlog"
	"throughline.dev/services/gateway/identity"
)

// demoPerson is one of the people that one can sign in as. All are invented.
type demoPerson struct {
	short, name, title, unit string
	roles                    []demoRole
}

// demoRole is a role in the whole organisation, or in one product, value
// stream or team by its short name.
type demoRole struct {
	role                  rights.Role
	product, stream, team string
}

func everywhere(roles ...rights.Role) []demoRole {
	var all []demoRole
	for _, r := range roles {
		all = append(all, demoRole{role: r})
	}
	return all
}

func ofProduct(r rights.Role, product string) []demoRole {
	return []demoRole{{role: r, product: product}}
}

func ofTeam(r rights.Role, team string) []demoRole { return []demoRole{{role: r, team: team}} }

// speaks is a developer who also sizes the product's features.
func speaks(team, product string) []demoRole {
	return []demoRole{{role: rights.Team, team: team}, {role: rights.Team, product: product}}
}

// Henrik leads the portfolio and answers for its business, so he decides at
// once; what Ingrid decides waits for a business owner.
var demoPeople = []demoPerson{
	{"ada", "Ada Lindqvist", "Administrator", "Digital Workplace", everywhere(rights.Administrator)},
	{"henrik", "Henrik Aalto", "Head of Retail Banking", "Retail Banking", everywhere(rights.PortfolioLeadership, rights.BusinessOwner)},
	{"ingrid", "Ingrid Solheim", "Chief Financial Officer, Retail", "Finance", everywhere(rights.PortfolioLeadership)},
	{"nadia", "Nadia Brandt", "Head of Payments", "Payments and Cards", []demoRole{{role: rights.BusinessOwner, stream: "payments"}}},
	{"tomasz", "Tomasz Zielak", "Enterprise Architect", "Architecture", everywhere(rights.EnterpriseArchitect)},
	{"yusuf", "Yusuf Demirel", "System Architect", "Architecture", everywhere(rights.SystemArchitect)},
	{"clara", "Clara Montfort", "Epic Owner, Everyday Banking", "Retail Banking", everywhere(rights.EpicOwner)},
	{"davide", "Davide Rinaldi", "Epic Owner, Lending", "Lending", everywhere(rights.EpicOwner)},
	{"priya", "Priya Natarajan", "Product Manager, Meridian Mobile", "Product", ofProduct(rights.ProductManagement, "mobile")},
	{"lukas", "Lukas Vering", "Product Manager, Meridian Home", "Product", ofProduct(rights.ProductManagement, "home")},
	{"sofia", "Sofia Almqvist", "Product Owner, Harbour", "Product", ofTeam(rights.ProductOwner, "HARBOUR")},
	{"marek", "Marek Dvorsky", "Product Owner, Compass", "Product", ofTeam(rights.ProductOwner, "COMPASS")},
	{"aisha", "Aisha Rahmani", "Product Owner, Lantern", "Product", ofTeam(rights.ProductOwner, "LANTERN")},
	{"oskar", "Oskar Wendt", "Release Train Engineer", "Agile Centre", everywhere(rights.ReleaseTrainEngineer)},
	{"julia", "Julia Farkas", "Scrum Master", "Agile Centre", everywhere(rights.ScrumMaster)},
	{"ben", "Ben Okafor", "Mobile Developer", "Engineering", speaks("HARBOUR", "mobile")},
	{"tove", "Tove Nygaard", "Backend Developer", "Engineering", ofTeam(rights.Team, "HARBOUR")},
	{"rohan", "Rohan Mehta", "Backend Developer", "Engineering", speaks("COMPASS", "mobile")},
	{"chiara", "Chiara Neri", "Test Engineer", "Engineering", ofTeam(rights.Team, "COMPASS")},
	{"emil", "Emil Sandvik", "Full-stack Developer", "Engineering", speaks("LANTERN", "home")},
	{"lena", "Lena Fuchs", "Frontend Developer", "Engineering", ofTeam(rights.Team, "LANTERN")},
	{"grace", "Grace Whitcombe", "Customer Success Lead", "Customer Success", everywhere(rights.Stakeholder)},
}

// person finds somebody by their short name.
func (d *demo) person(short string) identity.Person {
	for _, p := range demoPeople {
		if p.short == short {
			return identity.Person{ID: es.DeriveID[es.Person](d.org.ID.String(), p.name), Tenant: d.org.ID, Name: p.name, Title: p.title, Admin: p.short == "ada"}
		}
	}
	return identity.Person{}
}

func (d *demo) who(short string) es.PersonID { return d.person(short).ID }

// people gives everybody who can sign in their roles and puts SAFe's division
// of rights in force.
func (d *demo) people(ctx context.Context) {
	for _, p := range demoPeople {
		if err := d.app.people.SavePerson(ctx, d.person(p.short)); err != nil {
			d.fail(err)
		}
	}
	d.assign(ctx, func(r demoRole) bool { return r == demoRole{role: r.role} })
	policy := d.do(ctx, "ada", 520, "strategy.rights-policy.draft", "", rights.DraftPolicy{Name: "Who decides at Meridian Bank", Preset: rights.SAFe})
	d.do(ctx, "ada", 519, "strategy.rights-policy.activate", policy, rights.ActivatePolicy{})
}

// scopedRoles follow when there are products, value streams and teams.
func (d *demo) scopedRoles(ctx context.Context) {
	d.assign(ctx, func(r demoRole) bool { return r != demoRole{role: r.role} })
}

func (d *demo) assign(ctx context.Context, which func(demoRole) bool) {
	for _, p := range demoPeople {
		for _, r := range p.roles {
			if !which(r) {
				continue
			}
			where := rights.Scope{}
			switch {
			case r.product != "":
				where.Product = d.id("product", r.product)
			case r.stream != "":
				where.ValueStream = d.id("stream", r.stream)
			case r.team != "":
				where.Team = backlog.TeamOf(d.org.ID, r.team).String()
			}
			d.do(ctx, "ada", 515, "strategy.role-assignment.assign", "",
				rights.AssignRole{Person: d.who(p.short), Role: r.role, Where: where, Title: p.title, OrgUnit: p.unit})
		}
	}
}
