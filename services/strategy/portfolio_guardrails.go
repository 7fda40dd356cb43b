package strategy

import (
	"maps"
	"reflect"
	"slices"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// SetEpicThreshold says from where on an initiative is a portfolio epic.
type SetEpicThreshold struct{ Threshold }

func (c SetEpicThreshold) Decide(s Portfolio, _ es.Meta) ([]es.Event[Portfolio], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if c.Cost == nil && c.PIs == 0 && blank(c.Strategic) {
		return nil, fail.Invalid("", "a threshold is a cost, a number of planning intervals, strategic importance, or a mix; give at least one")
	}
	if c.Cost != nil {
		if err := c.Cost.check("cost"); err != nil {
			return nil, err
		}
		if s.Currency != "" && c.Cost.Currency != s.Currency {
			return nil, fail.Invalid("cost.currency", "the portfolio counts in %s", s.Currency)
		}
	}
	if c.PIs < 0 {
		return nil, fail.Invalid("pis", "a number of planning intervals is 1 or more, or 0 when it does not count")
	}
	if err := written("strategic", c.Strategic, maxText); err != nil {
		return nil, err
	}
	if s.Threshold != nil && reflect.DeepEqual(*s.Threshold, c.Threshold) {
		return nil, nil
	}
	return es.Happened(EpicThresholdSet{c.Threshold})
}

// SetHorizonTargets sets the target share of every investment horizon.
type SetHorizonTargets struct {
	Targets []HorizonTarget `json:"targets" minItems:"1" maxItems:"4"`
}

func (c SetHorizonTargets) Decide(s Portfolio, _ es.Meta) ([]es.Event[Portfolio], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	least, most := 0, 0
	var seen []string
	for _, t := range c.Targets {
		if err := oneOf("targets.horizon", t.Horizon, "h3", "h2", "h1", "h0"); err != nil {
			return nil, err
		}
		switch {
		case slices.Contains(seen, t.Horizon):
			return nil, fail.Invalid("targets", "%s is there twice", t.Horizon)
		case t.Min < 0 || t.Max > 100:
			return nil, fail.Invalid("targets", "the range of %s lies between 0 and 100 percent", t.Horizon)
		case t.Min > t.Max:
			return nil, fail.Invalid("targets", "the range of %s ends below its start", t.Horizon)
		}
		seen = append(seen, t.Horizon)
		least, most = least+t.Min, most+t.Max
	}
	if least > 100 || most < 100 {
		return nil, fail.Invalid("targets", "no split into these ranges makes 100 percent: they allow %d to %d", least, most)
	}
	if slices.Equal(c.Targets, s.Horizons) {
		return nil, nil
	}
	return es.Happened(HorizonTargetsSet{c.Targets})
}

// UpdatePortfolioVision writes the portfolio's postcard from the future. A
// vision that is published and acknowledged is a ProductVision.
type UpdatePortfolioVision struct {
	Vision string `json:"vision" maxLength:"65536"`
}

func (c UpdatePortfolioVision) Decide(s Portfolio, _ es.Meta) ([]es.Event[Portfolio], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if err := written("vision", c.Vision, maxText); err != nil {
		return nil, err
	}
	if c.Vision == s.Vision {
		return nil, nil
	}
	return es.Happened(PortfolioVisionUpdated{c.Vision})
}

// UpdateCanvas writes the whole portfolio canvas, as it is or as it shall be.
type UpdateCanvas struct {
	Which string `json:"which" enum:"current,future"`
	Cells Canvas `json:"cells" doc:"Lines per cell, such as value-streams, solutions or key-partners."`
}

func (c UpdateCanvas) Decide(s Portfolio, _ es.Meta) ([]es.Event[Portfolio], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if err := oneOf("which", c.Which, canvasCurrent, canvasFuture); err != nil {
		return nil, err
	}
	for _, cell := range slices.Sorted(maps.Keys(c.Cells)) {
		if err := titled("cells", cell); err != nil {
			return nil, err
		}
		if err := listed("cells."+cell, c.Cells[cell]); err != nil {
			return nil, err
		}
	}
	now := s.Current
	if c.Which == canvasFuture {
		now = s.Future
	}
	if maps.EqualFunc(now, c.Cells, slices.Equal) {
		return nil, nil
	}
	return es.Happened(CanvasUpdated{c.Which, c.Cells})
}

// UseLevel is sent by a policy when another context has items of a level under
// this portfolio, so that the level is not hidden.
type UseLevel struct {
	Level Level `json:"level" enum:"solution,portfolio"`
}

func (c UseLevel) Decide(s Portfolio, _ es.Meta) ([]es.Event[Portfolio], error) {
	if err := oneOf("level", c.Level, SolutionLevel, PortfolioLevel); err != nil {
		return nil, err
	}
	if slices.Contains(s.Levels, c.Level) {
		return nil, nil
	}
	return es.Happened(LevelUsed{c.Level})
}

// ArchivePortfolio ends a portfolio that nothing happens in any more.
type ArchivePortfolio struct {
	Reason string       `json:"reason" minLength:"1" maxLength:"65536"`
	Use    PortfolioUse `json:"-"`
}

func (c ArchivePortfolio) Decide(s Portfolio, _ es.Meta) ([]es.Event[Portfolio], error) {
	if s.State == PortfolioClosed {
		return nil, nil
	}
	if err := because(c.Reason); err != nil {
		return nil, err
	}
	if c.Use.OpenEpics > 0 || c.Use.ValueStreams > 0 {
		return nil, ErrPortfolioInUse.With("%d epics, %d value streams", c.Use.OpenEpics, c.Use.ValueStreams)
	}
	return es.Happened(PortfolioArchived{c.Reason})
}
