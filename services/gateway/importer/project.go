package importer

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"throughline.dev/pkg/fail"
	"throughline.dev/services/backlog"
	"throughline.dev/services/gateway/jira"
	"throughline.dev/services/portfolio"
	"throughline.dev/services/strategy"
)

// project is a Jira project: a portfolio epic, and a feature for the stories
// and bugs that have no epic in Jira. Without that feature most of a usual
// project would hang nowhere and the portfolio Kanban would not show it.
type project struct {
	key, name, about string
	epic             strategy.EpicID
	rest             backlog.ItemID
	top, loose       int // rows without a parent: features and capabilities, others
}

// projectOf is the project of an issue, by the key that all its issues bear.
func (r *run) projectOf(i jira.Issue) *project {
	key := i.Project.Key
	if key == "" {
		key, _, _ = strings.Cut(i.Key, "-")
	}
	if key == "" {
		key = "(no project)"
	}
	p := r.projects[key]
	if p == nil {
		p = &project{key: clip(strings.Clone(key), 100)}
		r.projects[p.key] = p
	}
	if i.Project.Name > p.name {
		p.name = strings.Clone(i.Project.Name)
	}
	if i.Project.Description > p.about {
		p.about = strings.Clone(i.Project.Description)
	}
	return p
}

// above is what something without a parent of its own hangs under.
func (p *project) above(k backlog.Kind) *backlog.Parent {
	if k == backlog.Capability || k == backlog.Feature || p.rest == "" {
		return &backlog.Parent{Epic: backlog.EpicID(p.epic)}
	}
	return &backlog.Parent{Item: p.rest}
}

// target is where the projects' epics go.
type target struct {
	epic      strategy.EpicID // one epic for all of them
	portfolio strategy.PortfolioID
	chosen    bool // by whoever asked for the import
}

// findTarget refuses a portfolio or an epic that is not there.
func (r *run) findTarget(ctx context.Context) (t target, err error) {
	if r.Epic != "" {
		id, there, err := portfolio.Epics.ID(ctx, r.base, r.Epic)
		if err != nil {
			return t, fmt.Errorf("look for epic %s: %w", r.Epic, err)
		}
		if !there {
			id = r.Epic
			if _, there, err = portfolio.Epics.Find(ctx, r.base, id); err != nil {
				return t, fmt.Errorf("look for epic %s: %w", r.Epic, err)
			}
		}
		if !there {
			return t, fail.Invalid("epic", "there is no portfolio epic %q", clip(r.Epic, 60))
		}
		t.epic = strategy.EpicID(id)
		return t, nil
	}
	if r.Portfolio != "" {
		d, there, err := portfolio.Portfolios.Find(ctx, r.base, r.Portfolio)
		if err != nil {
			return t, fmt.Errorf("look for portfolio %s: %w", r.Portfolio, err)
		}
		if !there || d.State != strategy.PortfolioActive || !d.Configuration.Has(strategy.PortfolioLevel) {
			return t, fail.Invalid("portfolio", "there is no active portfolio with a portfolio level under the id %q", clip(r.Portfolio, 60))
		}
		t.portfolio, t.chosen = strategy.PortfolioID(r.Portfolio), true
		return t, nil
	}
	var first time.Time
	err = portfolio.Portfolios.All(ctx, r.base, func(id string, d portfolio.Portfolio) error {
		usable := d.State == strategy.PortfolioActive && d.Configuration.Has(strategy.PortfolioLevel)
		if usable && (t.portfolio == "" || d.Created.Before(first)) {
			t.portfolio, first = strategy.PortfolioID(id), d.Created
		}
		return nil
	})
	if err != nil {
		return t, fmt.Errorf("look for a portfolio: %w", err)
	}
	return t, nil
}

// placeProjects makes the epics and the features for what has no epic in Jira.
func (r *run) placeProjects(ctx context.Context, rows []*entry) error {
	used := map[string]*project{}
	for _, e := range rows {
		used[e.project.key] = e.project
		switch {
		case e.above.item != "":
		case e.kind == backlog.Capability || e.kind == backlog.Feature:
			e.project.top++
		default:
			e.project.loose++
		}
	}
	for _, key := range slices.Sorted(maps.Keys(used)) {
		p := used[key]
		if err := r.placeEpic(ctx, p); err != nil {
			return err
		}
		if err := r.placeRest(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// placeEpic makes the project's epic. One that is there is left as people made
// it since.
func (r *run) placeEpic(ctx context.Context, p *project) error {
	made := Epic{Project: p.key, WithoutEpic: p.loose}
	if r.target.epic != "" {
		p.epic = r.target.epic
		d, _, err := portfolio.Epics.Find(ctx, r.base, p.epic.String())
		if err != nil {
			return failed("look up epic", p.key, err)
		}
		made.ID, made.Key, made.Title = p.epic.String(), d.Key, d.Title
		r.report.epic(made)
		return nil
	}
	source := strategy.Source{System: r.source, Key: p.key}
	p.epic = strategy.EpicOf(r.Tenant, source)
	made.ID = p.epic.String()
	d, there, err := portfolio.Epics.Find(ctx, r.base, p.epic.String())
	if err != nil {
		return failed("look up epic", p.key, err)
	}
	if there {
		if r.target.chosen && d.Portfolio != r.target.portfolio {
			return fail.Invalid("portfolio", "the epic of %s lies in portfolio %s since an earlier import; leave the portfolio out", p.key, d.Portfolio)
		}
		made.Key, made.Title = d.Key, d.Title
		r.report.epic(made)
		return nil
	}
	made.Title, made.Made = p.key, true
	if p.name != "" && p.name != p.key {
		made.Title = clip(p.key+": "+p.name, maxName)
	}
	r.report.epic(made)
	if r.DryRun {
		return nil
	}
	if r.target.portfolio == "" {
		if err := r.makePortfolio(ctx); err != nil {
			return err
		}
	}
	about := "Everything that was imported from the Jira project " + p.key + "."
	if p.about != "" {
		about += "\n\n" + clip(p.about, 60_000)
	}
	_, _, err = r.send(ctx, importEpic, "", strategy.ImportEpic{Portfolio: r.target.portfolio, Title: made.Title, Description: about,
		State: strategy.Persevere, Source: source}, time.Time{})
	if err != nil {
		return failed("make the epic of", p.key, err)
	}
	return nil
}

// makePortfolio makes the organisation's first portfolio.
func (r *run) makePortfolio(ctx context.Context) error {
	name := "Portfolio"
	if o, there := r.People.Organisation(r.Tenant); there {
		name = clip(o.Name, 250) + " portfolio"
	}
	a, _, err := r.send(ctx, definePortfolio, "", strategy.DefinePortfolio{Name: name, Configuration: strategy.WithPortfolio}, time.Time{})
	if err != nil {
		return fmt.Errorf("make a portfolio: %w", err)
	}
	if a.Proposal != "" {
		return fail.Forbidden("there is no portfolio for the imported work and you may not define one; it has been proposed, import again when it is there").
			By(strings.Join(a.Deciders, ", "))
	}
	r.target.portfolio = strategy.PortfolioID(a.ID)
	return nil
}

// placeRest makes the feature for the stories and bugs without an epic.
func (r *run) placeRest(ctx context.Context, p *project) error {
	if p.loose == 0 {
		return nil
	}
	key := p.key + " without an epic"
	p.rest = r.idOf(key)
	if r.DryRun {
		return nil
	}
	_, _, err := r.send(ctx, importItem, "", backlog.ImportItem{
		Source: backlog.Origin{System: r.source, Key: key, Type: "made by the import", Project: p.key},
		Kind:   backlog.Feature, Title: p.key + ": without an epic", State: backlog.Implementing, Labels: []string{"made-by-import"},
		Description: "Made by the import: the stories and bugs of " + p.key + " that have no epic in Jira, so that they count in the portfolio.",
	}, time.Time{})
	if err == nil {
		_, _, err = r.send(ctx, importLinks, p.rest.String(), backlog.ImportLinks{Parent: &backlog.Parent{Epic: backlog.EpicID(p.epic)}}, time.Time{})
	}
	if err != nil {
		return failed("make the feature for what has no epic in", p.key, err)
	}
	return nil
}
