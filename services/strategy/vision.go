package strategy

import (
	"slices"
	"strings"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// Visions are the visions of products and portfolios: one per subject, in
// versions that are published and acknowledged.
var Visions = &es.Aggregate[ProductVision]{Context: "strategy", Name: "vision", Plural: "visions", Schema: VisionSchema}

// VisionID names a vision.
type VisionID = es.ID[ProductVision]

// VisionSchema holds the stored names. Never change a stored name; add one.
var VisionSchema = es.NewSchema(
	es.On[VisionDrafted]("strategy.vision.drafted.v1"),
	es.On[VisionRevised]("strategy.vision.revised.v1"),
	es.On[VisionPublished]("strategy.vision.published.v1"),
	es.On[VisionAcknowledged]("strategy.vision.acknowledged.v1"),
)

// VisionDrafted begins the vision of a product or a portfolio.
type VisionDrafted struct {
	Product   ProductID   `json:"product,omitempty"`
	Portfolio PortfolioID `json:"portfolio,omitempty"`
	Within    PortfolioID `json:"within,omitempty"` // the portfolio of the product
	Text      VisionText  `json:"text"`
}

func (e VisionDrafted) Evolve(s ProductVision) ProductVision {
	s.State, s.Product, s.Portfolio, s.Within, s.Draft = VisionDraft, e.Product, e.Portfolio, e.Within, &e.Text
	return s
}

// VisionRevised carries the draft of the next version.
type VisionRevised struct {
	Text VisionText `json:"text"`
}

func (e VisionRevised) Evolve(s ProductVision) ProductVision { s.Draft = &e.Text; return s }

// VisionPublished makes the draft the version that is valid; the one before is
// superseded.
type VisionPublished struct {
	Version   int         `json:"version"`
	Product   ProductID   `json:"product,omitempty"`
	Portfolio PortfolioID `json:"portfolio,omitempty"`
	Text      VisionText  `json:"text"`
	Audience  []string    `json:"audience,omitempty"`
	By        es.PersonID `json:"by,omitempty"`
	At        time.Time   `json:"at"`
}

func (e VisionPublished) Evolve(s ProductVision) ProductVision {
	versions := make([]VisionVersion, 0, len(s.Versions)+1)
	for _, v := range s.Versions {
		v.State = VisionSuperseded
		versions = append(versions, v)
	}
	s.Versions = append(versions, VisionVersion{e.Version, VisionCurrent, e.Text, e.Audience, e.By, e.At, nil})
	s.State, s.Draft = VisionCurrent, nil
	return s
}

// VisionAcknowledged says that a person has taken note of the valid version.
type VisionAcknowledged struct {
	Version int         `json:"version"`
	Person  es.PersonID `json:"person"`
}

func (e VisionAcknowledged) Evolve(s ProductVision) ProductVision {
	s.Versions = slices.Clone(s.Versions)
	for i, v := range s.Versions {
		if v.Version == e.Version {
			s.Versions[i].Acknowledged = es.Added(v.Acknowledged, e.Person)
		}
	}
	return s
}

// VisionState is that of a vision, and of each of its versions.
type VisionState string

const (
	VisionDraft      VisionState = "draft"
	VisionCurrent    VisionState = "published"
	VisionSuperseded VisionState = "superseded"
)

// VisionText is what a vision says.
type VisionText struct {
	Target         string   `json:"target,omitempty" maxLength:"65536" doc:"Whom it is for."`
	Problem        string   `json:"problem,omitempty" maxLength:"65536" doc:"What is wrong for them today."`
	Value          string   `json:"value,omitempty" maxLength:"65536" doc:"What they gain."`
	Differentiator string   `json:"differentiator,omitempty" maxLength:"65536" doc:"What nobody else does."`
	Journey        string   `json:"journey,omitempty" maxLength:"65536" doc:"How to get there."`
	Narrative      string   `json:"narrative,omitempty" maxLength:"65536" doc:"The vision as a story."`
	Mission        string   `json:"mission,omitempty" maxLength:"65536"`
	Values         []string `json:"values,omitempty"`
}

func (t VisionText) equal(o VisionText) bool {
	return t.Target == o.Target && t.Problem == o.Problem && t.Value == o.Value && t.Differentiator == o.Differentiator &&
		t.Journey == o.Journey && t.Narrative == o.Narrative && t.Mission == o.Mission && slices.Equal(t.Values, o.Values)
}

// Missing names what a vision that is published still needs.
func (t VisionText) Missing() []string {
	return missing([]field{{"target", !blank(t.Target)}, {"problem", !blank(t.Problem)},
		{"value", !blank(t.Value)}, {"differentiator", !blank(t.Differentiator)}})
}

// VisionVersion is a version that was published.
type VisionVersion struct {
	Version      int           `json:"version"`
	State        VisionState   `json:"state"`
	Text         VisionText    `json:"text"`
	Audience     []string      `json:"audience,omitempty"`
	By           es.PersonID   `json:"by,omitempty"`
	At           time.Time     `json:"at"`
	Acknowledged []es.PersonID `json:"acknowledged,omitempty"`
}

// ProductVision is the vision of one product or portfolio as it is now.
type ProductVision struct {
	State     VisionState     `json:"state"`
	Product   ProductID       `json:"product,omitempty"`
	Portfolio PortfolioID     `json:"portfolio,omitempty"`
	Within    PortfolioID     `json:"within,omitempty"` // the portfolio of the product
	Draft     *VisionText     `json:"draft,omitempty"`  // of the next version
	Versions  []VisionVersion `json:"versions,omitempty"`
}

// Scope is where decisions on the vision apply.
func (s ProductVision) Scope() rights.Scope {
	return rights.Scope{Product: s.Product.String(), Portfolio: s.Portfolio.String() + s.Within.String()}
}

// Current returns the version that is valid.
func (s ProductVision) Current() (VisionVersion, bool) {
	if len(s.Versions) == 0 {
		return VisionVersion{}, false
	}
	return s.Versions[len(s.Versions)-1], true
}

var (
	ErrVisionExists     = fail.Refused("vision-exists", "this product or portfolio has a vision already; revise it instead")
	ErrVisionIncomplete = fail.Refused("vision-incomplete", "a vision is published with target, problem, value and differentiator; write them first")
	ErrNothingToPublish = fail.Refused("vision-without-draft", "there is no draft to publish; revise the vision first")
	ErrVisionSuperseded = fail.Refused("vision-superseded", "this version is superseded; read and acknowledge the valid one")
	ErrNotPublished     = fail.Refused("vision-not-published", "this version is not published yet; there is nothing to acknowledge")
)

// DraftVision begins the vision of a product or of a portfolio.
type DraftVision struct {
	Product   ProductID   `json:"product,omitempty" doc:"Either this or portfolio."`
	Portfolio PortfolioID `json:"portfolio,omitempty" doc:"Either this or product."`
	VisionText
	There  bool        `json:"-"` // the product or portfolio named is there
	Within PortfolioID `json:"-"` // the portfolio of the product named
}

// Subject is the one id that a vision is keyed by.
func (c DraftVision) Subject() string { return c.Product.String() + c.Portfolio.String() }

// Scope is where the new vision will lie.
func (c DraftVision) Scope() rights.Scope {
	return rights.Scope{Product: c.Product.String(), Portfolio: c.Portfolio.String()}
}

func (c DraftVision) Decide(s ProductVision, _ es.Meta) ([]es.Event[ProductVision], error) {
	switch {
	case (c.Product == "") == (c.Portfolio == ""):
		return nil, fail.Invalid("product", "a vision is that of one product or of one portfolio; name just one")
	case !c.There && c.Product != "":
		return nil, fail.Invalid("product", "there is no product %s", c.Product)
	case !c.There:
		return nil, fail.Invalid("portfolio", "there is no portfolio %s", c.Portfolio)
	}
	if err := listed("values", c.Values); err != nil {
		return nil, err
	}
	if s.State != "" {
		if s.Draft != nil && s.Draft.equal(c.VisionText) {
			return nil, nil
		}
		return nil, ErrVisionExists
	}
	return es.Happened(VisionDrafted{c.Product, c.Portfolio, c.Within, c.VisionText})
}

// ReviseVision writes the whole draft of the next version.
type ReviseVision struct{ VisionText }

func (c ReviseVision) Decide(s ProductVision, _ es.Meta) ([]es.Event[ProductVision], error) {
	if err := listed("values", c.Values); err != nil {
		return nil, err
	}
	if s.Draft != nil && s.Draft.equal(c.VisionText) {
		return nil, nil
	}
	if v, ok := s.Current(); ok && s.Draft == nil && v.Text.equal(c.VisionText) {
		return nil, nil
	}
	return es.Happened(VisionRevised{c.VisionText})
}

// PublishVision makes the draft the valid version, for an audience.
type PublishVision struct {
	Audience []string `json:"audience,omitempty" doc:"Who is asked to acknowledge it, such as teams or functions; everybody when left out."`
}

// Right depends on whose vision it is.
func (PublishVision) Right(s ProductVision) rights.Decision {
	if s.Portfolio != "" {
		return "portfolio.strategy.set"
	}
	return "product.vision.publish"
}

func (c PublishVision) Decide(s ProductVision, m es.Meta) ([]es.Event[ProductVision], error) {
	if err := listed("audience", c.Audience); err != nil {
		return nil, err
	}
	if s.Draft == nil {
		return nil, ErrNothingToPublish
	}
	if gaps := s.Draft.Missing(); len(gaps) > 0 {
		return nil, ErrVisionIncomplete.With("missing %s", strings.Join(gaps, ", "))
	}
	return es.Happened(VisionPublished{len(s.Versions) + 1, s.Product, s.Portfolio, *s.Draft, c.Audience, m.Actor, m.When().UTC()})
}

// AcknowledgeVision says that its sender has taken note of the valid version.
type AcknowledgeVision struct {
	Version int `json:"version" minimum:"1"`
}

func (c AcknowledgeVision) Decide(s ProductVision, m es.Meta) ([]es.Event[ProductVision], error) {
	if m.Actor == "" {
		return nil, fail.Invalid("", "a vision is acknowledged by a person")
	}
	v, ok := s.Current()
	switch {
	case c.Version < 1:
		return nil, fail.Invalid("version", "versions are counted from 1")
	case !ok || c.Version > v.Version:
		return nil, ErrNotPublished
	case c.Version < v.Version:
		return nil, ErrVisionSuperseded.With("the valid one is %d", v.Version)
	case slices.Contains(v.Acknowledged, m.Actor):
		return nil, nil
	}
	return es.Happened(VisionAcknowledged{c.Version, m.Actor})
}
