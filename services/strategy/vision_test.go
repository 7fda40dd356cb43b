package strategy

import (
	"testing"

	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/rights"
)

func TestVision(t *testing.T) {
	now := estest.Meta.Time
	text := VisionText{Target: "shoppers", Problem: "queues", Value: "time", Differentiator: "three taps"}
	second := text
	second.Value = "time and money"
	drafted := happened[ProductVision](VisionDrafted{Product: shop, Within: retail, Text: text})
	v1 := VisionPublished{Version: 1, Product: shop, Text: text, Audience: []string{"teams"}, By: actor, At: now}
	published := after(drafted, v1)
	v2 := VisionPublished{Version: 2, Product: shop, Text: second, By: actor, At: now}
	twice := after(published, VisionRevised{second}, v2)
	without := func(drop func(*VisionText)) []sentence[ProductVision] {
		gap := text
		drop(&gap)
		return []sentence[ProductVision]{{given: after(drafted, VisionRevised{gap}), when: PublishVision{}, refuses: ErrVisionIncomplete}}
	}
	tell(t, VisionSchema, []sentence[ProductVision]{
		{name: "a product's is drafted", when: DraftVision{Product: shop, VisionText: text, There: true, Within: retail}, then: drafted},
		{name: "a portfolio's is drafted", when: DraftVision{Portfolio: retail, There: true}, then: happened[ProductVision](VisionDrafted{Portfolio: retail})},
		{name: "the same wish already holds", given: drafted, when: DraftVision{Product: shop, VisionText: text, There: true}},
		{name: "there is one per subject", given: drafted, when: DraftVision{Product: shop, VisionText: second, There: true}, refuses: ErrVisionExists},
		{name: "it is somebody's", when: DraftVision{There: true}, refuses: wrong("product")},
		{name: "it is not that of both", when: DraftVision{Product: shop, Portfolio: retail, There: true}, refuses: wrong("product")},
		{name: "its product is there", when: DraftVision{Product: shop}, refuses: wrong("product")},
		{name: "its portfolio is there", when: DraftVision{Portfolio: retail}, refuses: wrong("portfolio")},
		{name: "it is revised", given: drafted, when: ReviseVision{second}, then: happened[ProductVision](VisionRevised{second})},
		{name: "it says so already", given: drafted, when: ReviseVision{text}},
		{name: "published it says so already", given: published, when: ReviseVision{text}},
		{name: "a value is not blank", given: drafted, when: ReviseVision{VisionText{Values: []string{""}}}, refuses: wrong("values")},
		{name: "it is published", given: drafted, when: PublishVision{[]string{"teams"}}, then: happened[ProductVision](v1)},
		{name: "the next version supersedes it", given: after(published, VisionRevised{second}), when: PublishVision{}, then: happened[ProductVision](v2)},
		{name: "there is nothing to publish", given: published, when: PublishVision{}, refuses: ErrNothingToPublish},
		{name: "it is acknowledged", given: published, when: AcknowledgeVision{1}, then: happened[ProductVision](VisionAcknowledged{1, actor})},
		{name: "it is acknowledged once per person", given: after(published, VisionAcknowledged{1, actor}), when: AcknowledgeVision{1}},
		{name: "a superseded version is not acknowledged", given: twice, when: AcknowledgeVision{1}, refuses: ErrVisionSuperseded},
		{name: "a draft is not acknowledged", given: drafted, when: AcknowledgeVision{1}, refuses: ErrNotPublished},
		{name: "a version to come is not acknowledged", given: published, when: AcknowledgeVision{2}, refuses: ErrNotPublished},
		{name: "versions count from 1", given: published, when: AcknowledgeVision{}, refuses: wrong("version")},
	})
	t.Run("not published without target", func(t *testing.T) {
		tell(t, VisionSchema, without(func(x *VisionText) { x.Target = "" }))
	})
	t.Run("not published without problem", func(t *testing.T) {
		tell(t, VisionSchema, without(func(x *VisionText) { x.Problem = " " }))
	})
	t.Run("not published without value", func(t *testing.T) {
		tell(t, VisionSchema, without(func(x *VisionText) { x.Value = "" }))
	})
	t.Run("not published without differentiator", func(t *testing.T) {
		tell(t, VisionSchema, without(func(x *VisionText) { x.Differentiator = "" }))
	})
	policy := estest.Meta
	policy.Actor = ""
	estest.Given(VisionSchema, published...).As(policy).When(AcknowledgeVision{1}).Refuses(t, wrong(""))

	s := estest.Given(VisionSchema, after(twice, VisionAcknowledged{2, anna})...).State(t)
	if v, ok := s.Current(); !ok || v.Version != 2 || v.State != VisionCurrent || len(v.Acknowledged) != 1 || s.Versions[0].State != VisionSuperseded || s.Draft != nil {
		t.Errorf("its versions are %+v", s.Versions)
	}
	if s.Scope() != (rights.Scope{Product: shop.String(), Portfolio: retail.String()}) {
		t.Errorf("its scope is %+v", s.Scope())
	}
	if (PublishVision{}).Right(s) != "product.vision.publish" || (PublishVision{}).Right(ProductVision{Portfolio: retail}) != "portfolio.strategy.set" {
		t.Error("publishing needs the right of its subject")
	}
}
