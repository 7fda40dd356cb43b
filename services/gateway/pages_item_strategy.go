package gateway

import (
	"fmt"
	"strings"

	"throughline.dev/services/gateway/web/part"
	"throughline.dev/services/gateway/web/view/item"
	"throughline.dev/services/portfolio"
	"throughline.dev/services/strategy"
)

func (g *Gateway) showVision(v *visit, s sight, d portfolio.Vision, m *item.Model) error {
	m.Title, m.State = "Vision", words(string(d.State))
	text := d.Draft
	if current, ok := d.Current(); ok {
		text = &current.Text
		m.Fields = append(m.Fields, append(field("Version", whole(current.Version)), field("Published", dated(&current.At))...)...)
		m.Fields = append(m.Fields, field("For", strings.Join(current.Audience, ", "))...)
	}
	if text != nil {
		m.Description = text.Narrative
		m.Sections = sections("Whom it is for", text.Target, "What is wrong for them today", text.Problem, "What they gain", text.Value,
			"What nobody else does", text.Differentiator, "How to get there", text.Journey, "Mission", text.Mission, "Values", bullets(text.Values))
		if m.Description == "" {
			m.Description = text.Value
		}
	}
	if n, err := portfolio.NodeOf(v.ctx, s.Reader, m.ID); err != nil {
		return err
	} else if n != nil {
		m.Title = n.Title
	}
	for _, of := range []struct{ name, id, address string }{{"Product", d.Product.String(), "/products/"}, {"Portfolio", d.Portfolio.String(), ""}} {
		named, err := g.named(v.ctx, s, v, of.name, of.id, of.address)
		if err != nil {
			return err
		}
		m.Fields = append(m.Fields, named...)
	}
	return nil
}

func (g *Gateway) showTheme(v *visit, s sight, d portfolio.Theme, m *item.Model) error {
	m.Key, m.Title, m.Description, m.State = d.Key, d.Title, d.Description, words(string(d.State))
	m.Owner = g.person(v, d.Owner.String())
	m.Sections = sections("What tells whether it succeeds", bullets(d.Measures))
	named, err := g.named(v.ctx, s, v, "Portfolio", d.Portfolio.String(), "")
	m.Fields = append(m.Fields, named...)
	m.Fields = append(m.Fields, field("Weight", whole(d.Weight))...)
	if d.BudgetShare > 0 {
		m.Fields = append(m.Fields, field("Budget share", part.Number(d.BudgetShare)+" %")...)
	}
	return err
}

func (g *Gateway) showObjective(v *visit, s sight, d portfolio.Objective, m *item.Model) error {
	m.Key, m.Title, m.Description, m.State = d.Key, d.Title, d.Description, words(string(d.State))
	m.Owner = g.person(v, d.Owner.String())
	var lines []string
	for _, k := range d.KeyResults {
		lines = append(lines, keyResult(k))
	}
	m.Sections = sections("Key results", bullets(lines))
	if score, ok := d.Score(); ok {
		m.Fields = append(m.Fields, field("Score", fmt.Sprintf("%.2f", score))...)
	}
	if d.Grade != nil {
		m.Fields = append(m.Fields, field("Grade", fmt.Sprintf("%.2f", *d.Grade))...)
	}
	m.Fields = append(m.Fields, field("Kind", words(d.ObjectiveText.Kind))...)
	if d.From != "" || d.To != "" {
		m.Fields = append(m.Fields, field("Period", string(d.From)+" to "+string(d.To))...)
	}
	named, err := g.named(v.ctx, s, v, "Product", d.Product.String(), "/products/")
	m.Fields = append(m.Fields, named...)
	return err
}

func keyResult(k strategy.KeyResult) string {
	line := fmt.Sprintf("%s: now %s", k.Title, part.Number(k.Current()))
	if k.Kind == "" || k.Kind == "from-to" {
		return line + fmt.Sprintf(", from %s to %s %s", part.Number(k.Baseline), part.Number(k.Target), k.Unit)
	}
	return line + fmt.Sprintf(", %s %s %s", strings.ReplaceAll(string(k.Kind), "-", " "), part.Number(k.Target), k.Unit)
}

func (g *Gateway) showProduct(v *visit, s sight, d portfolio.Product, m *item.Model) error {
	m.Key, m.Title, m.Description, m.State = d.Key, d.Name, d.Description, words(string(d.Stage))
	m.Owner = g.person(v, d.Accountable.String())
	for _, of := range []struct{ name, id, address string }{{"Portfolio", d.Portfolio.String(), ""}, {"Part of", d.Parent.String(), "/products/"}} {
		named, err := g.named(v.ctx, s, v, of.name, of.id, of.address)
		if err != nil {
			return err
		}
		m.Fields = append(m.Fields, named...)
	}
	return nil
}

func (g *Gateway) showInsight(v *visit, s sight, d portfolio.Insight, m *item.Model) error {
	m.Key, m.Title, m.Description, m.State = d.Key, "Insight", d.Excerpt.Text, words(string(d.State))
	m.Sections = sections("What it means", d.Note)
	who, tier, err := g.customer(v, s, d.Customer.String(), d.Contact.String())
	if err != nil {
		return err
	}
	m.Fields = append(m.Fields, field("Customer", who)...)
	if d.Customer != "" {
		m.Fields[len(m.Fields)-1].URL = v.to("customer", d.Customer.String(), "")
	}
	m.Fields = append(m.Fields, field("Tier", tier)...)
	if i := int(d.Importance); i >= 0 && i < len(importances) {
		m.Fields = append(m.Fields, field("Importance", words(importances[i]))...)
	}
	m.Fields = append(m.Fields, item.Field{Name: "Taken from", Value: "Feedback", URL: v.to("feedback", d.Excerpt.Feedback.String(), "")})
	return nil
}

func (g *Gateway) showIdea(v *visit, s sight, d portfolio.Idea, m *item.Model) error {
	m.Key, m.Title, m.Description, m.State = d.Key, d.Title, d.Description, words(string(d.State))
	m.Sections = sections("Why it was declined", d.DeclineReason)
	m.Owner = g.person(v, d.Author.String())
	if d.Customer != "" {
		who, _, err := g.customer(v, s, d.Customer.String(), "")
		if err != nil {
			return err
		}
		m.Fields = append(m.Fields, item.Field{Name: "Customer", Value: who, URL: v.to("customer", d.Customer.String(), "")})
	}
	if d.Feedback != "" {
		m.Fields = append(m.Fields, item.Field{Name: "Comes from", Value: "Feedback", URL: v.to("feedback", d.Feedback.String(), "")})
	}
	if d.MergedInto != "" {
		m.Fields = append(m.Fields, item.Field{Name: "Merged into", Value: "Another idea", URL: v.to("idea", d.MergedInto.String(), "")})
	}
	return nil
}

func (g *Gateway) showCustomer(v *visit, _ sight, d portfolio.Customer, m *item.Model) error {
	m.Key, m.Title, m.State = d.Key, d.Name, words(string(d.State))
	m.Owner = g.person(v, d.Owner.String())
	m.Fields = append(m.Fields, field("Tier", words(d.Tier))...)
	if d.ARR != nil {
		m.Fields = append(m.Fields, field("Revenue a year", money(d.ARR.Amount, d.ARR.Currency))...)
	}
	m.Fields = append(m.Fields, field("Segments", strings.Join(d.Segments, ", "))...)
	var contacts []string
	for _, c := range d.Contacts {
		contacts = append(contacts, c.String())
	}
	m.Fields = append(m.Fields, field("Contacts", g.names(v, contacts))...)
	return nil
}
