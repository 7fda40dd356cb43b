package portfolio

import (
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/view"
	"throughline.dev/services/strategy"
)

// Portfolio is a portfolio as it is read.
type Portfolio struct {
	Head
	PortfolioState
	Vision string `json:"visionId,omitempty" doc:"Id of its vision."`
}

// ValueStream is a development value stream as it is read.
type ValueStream struct {
	Head
	StreamState
}

// Product is a product as it is read.
type Product struct {
	Head
	ProductState
}

// Vision is the vision of a product or a portfolio as it is read.
type Vision struct {
	Head
	VisionState
}

// Theme is a strategic theme as it is read.
type Theme struct {
	Head
	ThemeState
}

// Objective is an objective with its key results as it is read.
type Objective struct {
	Head
	ObjectiveState
}

// These let Head's fields win over those of the same name in the state.
type (
	PortfolioState struct{ strategy.Portfolio }
	StreamState    struct{ strategy.ValueStream }
	ProductState   struct{ strategy.Product }
	VisionState    struct{ strategy.ProductVision }
	ThemeState     struct{ strategy.StrategicTheme }
	ObjectiveState struct{ strategy.Objective }
)

var (
	portfolios = view.NewTable[Portfolio]("portfolio", nil)
	streams    = view.NewTable[ValueStream]("value-stream", nil)
	products   = view.NewTable("product", func(id string, d Product) []view.Key {
		return []view.Key{{Index: "key", Sort: sortKey(d.Key)}}
	})
	visions = view.NewTable[Vision]("vision", nil)
	themes  = view.NewTable("theme", func(id string, d Theme) []view.Key {
		return []view.Key{{Index: "key", Sort: sortKey(d.Key)}, {Index: "portfolio", Sort: d.Portfolio.String() + "/" + sortKey(d.Key)}}
	})
	objectives = view.NewTable("objective", func(id string, d Objective) []view.Key {
		return []view.Key{{Index: "key", Sort: sortKey(d.Key)}, {Index: "portfolio", Sort: d.Portfolio.String() + "/" + sortKey(d.Key)}}
	})
)

var onPortfolio = folded(strategy.Portfolios, portfolios, func(d *Portfolio) (*Head, *strategy.Portfolio) {
	return &d.Head, &d.PortfolioState.Portfolio
}, func(s strategy.Portfolio) string { return string(s.State) })

var onStream = folded(strategy.ValueStreams, streams, func(d *ValueStream) (*Head, *strategy.ValueStream) {
	return &d.Head, &d.StreamState.ValueStream
}, func(s strategy.ValueStream) string { return string(s.State) })

var onProduct = folded(strategy.Products, products, func(d *Product) (*Head, *strategy.Product) {
	return &d.Head, &d.ProductState.Product
}, func(s strategy.Product) string { return string(s.Stage) })

// onVision also hangs the portfolio's themes under its vision.
func onVision(tx *view.Tx, e es.Event[strategy.ProductVision]) {
	d, _ := visions.Get(tx, tx.ID())
	before := d.State
	d.ProductVision = e.Evolve(d.ProductVision)
	d.Head = d.Head.touched(tx, d.State != before)
	visions.Put(tx, tx.ID(), d)
	change(tx, tx.ID(), func(n Node) Node {
		n.Type, n.State, n.Category = "vision", string(d.State), "active"
		n.Title = visionTitle(d.ProductVision)
		n.Since = d.Created.UTC().Format(time.RFC3339)
		return n
	})
	p, ok := portfolios.Get(tx, d.Portfolio.String())
	if !ok || p.Vision == tx.ID() {
		return
	}
	p.Vision = tx.ID()
	portfolios.Put(tx, d.Portfolio.String(), p)
	var below []string
	for id := range themes.Scan(tx, view.Range{Index: "portfolio", Prefix: d.Portfolio.String() + "/"}) {
		below = append(below, id)
	}
	for _, id := range below {
		change(tx, id, func(n Node) Node { n.Parents = []string{tx.ID()}; return n })
	}
}

func visionTitle(v strategy.ProductVision) string {
	text := v.Draft
	if current, ok := v.Current(); ok {
		text = &current.Text
	}
	if text == nil {
		return "Vision"
	}
	for _, s := range []string{text.Value, text.Problem, text.Target} {
		if s != "" {
			return s
		}
	}
	return "Vision"
}

func onTheme(tx *view.Tx, e es.Event[strategy.StrategicTheme]) {
	d, _ := themes.Get(tx, tx.ID())
	before := d.State
	d.StrategicTheme = e.Evolve(d.StrategicTheme)
	d.Head = d.Head.touched(tx, d.State != before)
	themes.Put(tx, tx.ID(), d)
	p, _ := portfolios.Get(tx, d.Portfolio.String())
	change(tx, tx.ID(), func(n Node) Node {
		n.Type, n.Key, n.Title, n.State = "theme", d.Key, d.Title, string(d.State)
		n.Category = themeCategory(d.State)
		n.Since = d.Created.UTC().Format(time.RFC3339)
		n.Parents = nil
		if p.Vision != "" {
			n.Parents = []string{p.Vision}
		}
		return n
	})
}

func themeCategory(s strategy.ThemeState) string {
	switch s {
	case strategy.ThemeActive:
		return "active"
	case strategy.ThemeRetired:
		return "cancelled"
	}
	return "todo"
}

func onObjective(tx *view.Tx, e es.Event[strategy.Objective]) {
	d, _ := objectives.Get(tx, tx.ID())
	before := d.State
	d.Objective = e.Evolve(d.Objective)
	d.Head = d.Head.touched(tx, d.State != before)
	objectives.Put(tx, tx.ID(), d)
	change(tx, tx.ID(), func(n Node) Node {
		n.Type, n.Key, n.Title, n.State = "objective", d.Key, d.Title, string(d.State)
		n.Category = map[bool]string{true: "done", false: "active"}[d.State == strategy.ObjectiveIsClosed]
		n.Since = d.Created.UTC().Format(time.RFC3339)
		n.Parents = nil
		for _, up := range []string{d.Theme.String(), d.Parent.String()} {
			if up != "" {
				n.Parents = append(n.Parents, up)
			}
		}
		return n
	})
}
