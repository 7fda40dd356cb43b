package feedback

import (
	"testing"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
)

func TestInsight(t *testing.T) {
	type e = es.Event[Insight]
	type f = []es.Event[Insight]
	in := func(want State) func(Insight) bool { return at(func(s Insight) State { return s.State }, want) }
	source := Feedback{State: Untriaged, Said: Said{Text: "Größer, bitte: dark mode!", Product: app, Customer: acme, Contact: ann}}
	of := func(start, end int, text string) Excerpt { return Excerpt{said, start, end, text} }
	good := of(15, 24, "dark mode")
	created := InsightCreated{"X-1", good, NiceToHave, "", app, acme, ann}
	feature := Target{TargetFeature, es.DeriveID[TargetRef]("feature")}
	idea := Target{TargetIdea, es.DeriveID[TargetRef]("idea")}
	linked := InsightLinked{feature, NiceToHave, acme, ann}
	archived := InsightArchived{"old"}
	many := f{created}
	for n := range maxList {
		many = append(many, InsightLinked{Target{TargetFeature, es.DeriveID[TargetRef](string(rune('a' + n)))}, NiceToHave, acme, ann})
	}

	run(t, InsightSchema, []sentence[Insight]{
		{name: "created, importance left out", wish: CreateInsight{Excerpt: good, Source: source}, then: f{created}, state: in(Active)},
		{name: "created with importance and note", wish: CreateInsight{good, just(Critical), "night shift", source}, then: f{InsightCreated{"X-1", good, Critical, "night shift", app, acme, ann}}},
		{name: "created as not important", wish: CreateInsight{good, just(NotImportant), "", source}, then: f{InsightCreated{"X-1", good, NotImportant, "", app, acme, ann}}},
		{name: "created from the first character, counted in characters", wish: CreateInsight{Excerpt: of(0, 6, "Größer"), Source: source}, then: f{InsightCreated{"X-1", of(0, 6, "Größer"), NiceToHave, "", app, acme, ann}}},
		{name: "created again the same", past: f{created}, wish: CreateInsight{Excerpt: good, Source: source}},
		{name: "no source", wish: CreateInsight{Excerpt: Excerpt{"", 15, 24, "dark mode"}, Source: source}, not: invalid("excerpt.feedback")},
		{name: "source that is not there", wish: CreateInsight{Excerpt: good}, not: invalid("excerpt.feedback")},
		{name: "importance above 3", wish: CreateInsight{good, just(4), "", source}, not: invalid("importance")},
		{name: "importance below 0", wish: CreateInsight{good, just(-1), "", source}, not: invalid("importance")},
		{name: "duplicate source range", past: f{created}, wish: CreateInsight{good, just(Critical), "", source}, not: ErrInsightExists},
		{name: "created again when archived", past: f{created, archived}, wish: CreateInsight{Excerpt: good, Source: source}, not: ErrInsightArchived},
		{name: "excerpt before the start", wish: CreateInsight{Excerpt: of(-1, 3, "Grö"), Source: source}, not: invalid("excerpt.start")},
		{name: "excerpt beyond the end", wish: CreateInsight{Excerpt: of(20, 26, "mode! "), Source: source}, not: invalid("excerpt.end")},
		{name: "excerpt after the end", wish: CreateInsight{Excerpt: of(25, 25, ""), Source: source}, not: invalid("excerpt.end")},
		{name: "excerpt to the end", wish: CreateInsight{Excerpt: of(20, 25, "mode!"), Source: source}, then: f{InsightCreated{"X-1", of(20, 25, "mode!"), NiceToHave, "", app, acme, ann}}},
		{name: "excerpt of nothing", wish: CreateInsight{Excerpt: of(3, 3, ""), Source: source}, not: invalid("excerpt.end")},
		{name: "excerpt backwards", wish: CreateInsight{Excerpt: of(3, 1, ""), Source: source}, not: invalid("excerpt.end")},
		{name: "excerpt of other words", wish: CreateInsight{Excerpt: of(15, 24, "dark Mode"), Source: source}, not: invalid("excerpt.text")},
		{name: "note too long", wish: CreateInsight{good, nil, long(maxText + 1), source}, not: invalid("note")},

		{name: "linked to a feature", past: f{created}, wish: LinkInsight{Target: feature}, then: f{linked}},
		{name: "linked to an epic", past: f{created}, wish: LinkInsight{Target: Target{TargetEpic, feature.ID}}, then: f{InsightLinked{Target{TargetEpic, feature.ID}, NiceToHave, acme, ann}}},
		{name: "linked to an idea", past: f{created}, wish: LinkInsight{idea, IdeaFact{State: Planned}}, then: f{InsightLinked{idea, NiceToHave, acme, ann}}},
		{name: "linked when acted on", past: f{created, InsightActedOn{}}, wish: LinkInsight{Target: feature}, then: f{linked}},
		{name: "linked with the importance that it has by then", past: f{created, InsightImportanceSet{Critical}}, wish: LinkInsight{Target: feature}, then: f{InsightLinked{feature, Critical, acme, ann}}},
		{name: "duplicate target", past: f{created, linked}, wish: LinkInsight{Target: feature}},
		{name: "linked to an idea that is not there", past: f{created}, wish: LinkInsight{Target: idea}, not: invalid("target.id")},
		{name: "linked to a merged idea", past: f{created}, wish: LinkInsight{idea, IdeaFact{State: Merged, Into: night}}, not: ErrIdeaMerged},
		{name: "linked to no kind", past: f{created}, wish: LinkInsight{Target: Target{"story", feature.ID}}, not: invalid("target.kind")},
		{name: "linked to nothing", past: f{created}, wish: LinkInsight{Target: Target{Kind: TargetEpic}}, not: invalid("target.id")},
		{name: "linked too often", past: many, wish: LinkInsight{Target: feature}, not: invalid("target")},
		{name: "unlinked", past: f{created, linked}, wish: UnlinkInsight{feature}, then: f{InsightUnlinked{feature}}, state: func(s Insight) bool { return len(s.Links) == 0 }},
		{name: "unlinked what is not linked", past: f{created, linked}, wish: UnlinkInsight{idea}},
		{name: "unlinked from no kind", past: f{created}, wish: UnlinkInsight{}, not: invalid("target.kind")},

		{name: "importance set", past: f{created}, wish: SetInsightImportance{Important}, then: f{InsightImportanceSet{Important}}},
		{name: "importance as it is", past: f{created}, wish: SetInsightImportance{NiceToHave}},
		{name: "importance set above 3", past: f{created}, wish: SetInsightImportance{4}, not: invalid("importance")},

		{name: "acted on", past: f{created}, wish: MarkInsightActedOn{}, then: f{InsightActedOn{}}, state: in(ActedOn)},
		{name: "acted on by a target", past: f{created, linked}, wish: MarkInsightActedOn{&feature}, then: f{InsightActedOn{&feature}}},
		{name: "acted on again", past: f{created, InsightActedOn{}}, wish: MarkInsightActedOn{}},
		{name: "acted on by what it is not linked to", past: f{created, linked}, wish: MarkInsightActedOn{&idea}, not: ErrInsightNotLinked},
		{name: "acted on by no kind", past: f{created}, wish: MarkInsightActedOn{&Target{}}, not: invalid("by.kind")},

		{name: "archived", past: f{created}, wish: ArchiveInsight{"old"}, then: f{archived}, state: in(Archived)},
		{name: "archived again", past: f{created, archived}, wish: ArchiveInsight{}},
		{name: "archived with too much to say", past: f{created}, wish: ArchiveInsight{long(maxText + 1)}, not: invalid("reason")},
		{name: "restored", past: f{created, archived}, wish: RestoreInsight{}, then: f{InsightRestored{}}, state: in(Active)},
		{name: "restored what was acted on", past: f{created, InsightActedOn{}, archived}, wish: RestoreInsight{}, then: f{InsightRestored{}}, state: in(ActedOn)},
		{name: "restored what is not archived", past: f{created}, wish: RestoreInsight{}},
	})

	changes := map[string]es.Command[Insight]{
		"link": LinkInsight{Target: feature}, "unlink": UnlinkInsight{feature}, "importance": SetInsightImportance{Critical}, "acted on": MarkInsightActedOn{},
	}
	for name, wish := range changes {
		t.Run("change while archived: "+name, func(t *testing.T) {
			estest.Given(InsightSchema, e(created), archived).When(wish).Refuses(t, ErrInsightArchived)
		})
	}
}
