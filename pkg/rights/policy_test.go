package rights_test

import (
	"testing"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

type policyEvent = es.Event[rights.Policy]

var (
	atProduct = rights.Scope{Product: "p1"}
	drafted   = rights.PolicyDrafted{Name: "Rights", Where: atProduct}
	applied   = rights.PresetApplied{Preset: rights.POLed, Rights: rights.Presets[rights.POLed]}
	byPO      = rights.Entry{Decide: []rights.Role{rights.ProductOwner}}
	set       = rights.RightSet{Decision: "story.accept", Entry: byPO}
	activated = rights.PolicyActivated{Name: "Rights", Where: atProduct, Rights: map[rights.Decision]rights.Entry{"story.accept": byPO}}
	ended     = rights.PolicyRetired{Reason: "reorganised"}
	replaced  = rights.PolicySuperseded{By: "0policy0000000000000000000"}
)

func TestPolicyHappens(t *testing.T) {
	for name, c := range map[string]struct {
		given []policyEvent
		when  es.Command[rights.Policy]
		then  []policyEvent
	}{
		"a draft starts empty":                    {nil, rights.DraftPolicy{Name: " Rights ", Where: atProduct}, []policyEvent{drafted}},
		"a draft starts from a preset":            {nil, rights.DraftPolicy{Name: "Rights", Where: atProduct, Preset: rights.POLed}, []policyEvent{drafted, applied}},
		"the same draft again is one":             {[]policyEvent{drafted, applied}, rights.DraftPolicy{Name: "Rights", Where: atProduct, Preset: rights.POLed}, nil},
		"a preset replaces the rights":            {[]policyEvent{drafted, set}, rights.ApplyPreset{Preset: rights.POLed}, []policyEvent{applied}},
		"a preset that is applied changes naught": {[]policyEvent{drafted, applied}, rights.ApplyPreset{Preset: rights.POLed}, nil},
		"a preset changed since is applied anew":  {[]policyEvent{drafted, applied, rights.RightSet{Decision: "epic.go_nogo", Entry: byPO}}, rights.ApplyPreset{Preset: rights.POLed}, []policyEvent{applied}},
		"a right is set":                          {[]policyEvent{drafted}, rights.SetRight{Decision: "story.accept", Entry: byPO}, []policyEvent{set}},
		"a right that is set changes naught":      {[]policyEvent{drafted, set}, rights.SetRight{Decision: "story.accept", Entry: byPO}, nil},
		"joint means nothing for one decider":     {[]policyEvent{drafted}, rights.SetRight{Decision: "story.accept", Entry: rights.Entry{Decide: byPO.Decide, Joint: rights.JointAll, Agree: []rights.Role{}}}, []policyEvent{set}},
		"several may decide together": {[]policyEvent{drafted},
			rights.SetRight{Decision: "story.accept", Entry: rights.Entry{Decide: []rights.Role{rights.Owner, rights.Team}, Joint: rights.JointAll, Consult: []rights.Role{rights.Sponsor}, Blocking: true}},
			[]policyEvent{rights.RightSet{Decision: "story.accept", Entry: rights.Entry{Decide: []rights.Role{rights.Owner, rights.Team}, Joint: rights.JointAll, Consult: []rights.Role{rights.Sponsor}, Blocking: true}}}},
		"a draft becomes active":               {[]policyEvent{drafted, set}, rights.ActivatePolicy{}, []policyEvent{activated}},
		"an active policy is active":           {[]policyEvent{drafted, set, activated}, rights.ActivatePolicy{}, nil},
		"an active policy is superseded":       {[]policyEvent{drafted, set, activated}, rights.SupersedePolicy{By: replaced.By}, []policyEvent{replaced}},
		"a superseded policy stays so":         {[]policyEvent{drafted, set, activated, replaced}, rights.SupersedePolicy{By: replaced.By}, nil},
		"a retired policy is not superseded":   {[]policyEvent{drafted, set, activated, ended}, rights.SupersedePolicy{By: replaced.By}, nil},
		"an active policy is retired":          {[]policyEvent{drafted, set, activated}, rights.RetirePolicy{Reason: "reorganised "}, []policyEvent{ended}},
		"a draft is given up":                  {[]policyEvent{drafted}, rights.RetirePolicy{Reason: "reorganised"}, []policyEvent{ended}},
		"a policy given up cannot be so twice": {[]policyEvent{drafted, ended}, rights.RetirePolicy{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			estest.Given(rights.PolicySchema, c.given...).When(c.when).Then(t, c.then...)
		})
	}
}

func TestPolicyRefuses(t *testing.T) {
	right := func(e rights.Entry) rights.SetRight { return rights.SetRight{Decision: "story.accept", Entry: e} }
	roles := func(r ...rights.Role) []rights.Role { return r }
	draft := []policyEvent{drafted, set}
	active := append(draft[:2:2], activated)
	superseded := append(active[:3:3], replaced)
	retired := append(active[:3:3], ended)
	for name, c := range map[string]struct {
		given []policyEvent
		when  es.Command[rights.Policy]
		want  error
	}{
		"a policy without a name":             {nil, rights.DraftPolicy{Name: " "}, fail.Invalid("name", "")},
		"an unknown preset to start from":     {nil, rights.DraftPolicy{Name: "Rights", Preset: "waterfall"}, fail.Invalid("preset", "")},
		"another draft in the same place":     {draft, rights.DraftPolicy{Name: "Other"}, rights.ErrPolicyExists},
		"a draft of what is active":           {active, rights.DraftPolicy{Name: "Rights", Where: atProduct}, rights.ErrPolicyExists},
		"an unknown preset":                   {draft, rights.ApplyPreset{Preset: "waterfall"}, fail.Invalid("preset", "")},
		"no preset":                           {draft, rights.ApplyPreset{}, fail.Invalid("preset", "")},
		"an unknown decision":                 {draft, rights.SetRight{Decision: "lunch.choose", Entry: byPO}, fail.Invalid("decision", "")},
		"a decision type without any D":       {draft, right(rights.Entry{Agree: roles(rights.Sponsor)}), rights.ErrNoDecider},
		"several D without joint":             {draft, right(rights.Entry{Decide: roles(rights.Owner, rights.Team)}), rights.ErrJointMissing},
		"a joint that is neither any nor all": {draft, right(rights.Entry{Decide: roles(rights.Owner, rights.Team), Joint: "most"}), fail.Invalid("entry.joint", "")},
		"an unknown deciding role":            {draft, right(rights.Entry{Decide: roles(rights.Owner, "king"), Joint: "any"}), fail.Invalid("entry.decide[1]", "")},
		"an unknown agreeing role":            {draft, right(rights.Entry{Decide: byPO.Decide, Agree: roles("king")}), fail.Invalid("entry.agree[0]", "")},
		"an unknown consulted role":           {draft, right(rights.Entry{Decide: byPO.Decide, Consult: roles("king")}), fail.Invalid("entry.consult[0]", "")},
		"an unknown informed role":            {draft, right(rights.Entry{Decide: byPO.Decide, Inform: roles("king")}), fail.Invalid("entry.inform[0]", "")},
		"a role with two parts":               {draft, right(rights.Entry{Decide: byPO.Decide, Consult: byPO.Decide}), fail.Invalid("entry.consult[0]", "")},
		"blocking with nobody to consult":     {draft, right(rights.Entry{Decide: byPO.Decide, Blocking: true}), fail.Invalid("entry.blocking", "")},
		"an empty policy to activate":         {draft[:1], rights.ActivatePolicy{}, rights.ErrPolicyEmpty},
		"a right in an active policy":         {active, right(byPO), rights.ErrPolicyActive},
		"a preset in an active policy":        {active, rights.ApplyPreset{Preset: rights.SAFe}, rights.ErrPolicyActive},
		"a right in a superseded policy":      {superseded, right(byPO), rights.ErrPolicyEnded},
		"a preset in a retired policy":        {retired, rights.ApplyPreset{Preset: rights.SAFe}, rights.ErrPolicyEnded},
		"a superseded policy to activate":     {superseded, rights.ActivatePolicy{}, rights.ErrPolicyEnded},
		"a retired policy to activate":        {retired, rights.ActivatePolicy{}, rights.ErrPolicyEnded},
		"a superseded policy to retire":       {superseded, rights.RetirePolicy{}, rights.ErrPolicyEnded},
		"a draft to supersede":                {draft, rights.SupersedePolicy{By: replaced.By}, rights.ErrNotActive},
		"to be superseded by nothing":         {active, rights.SupersedePolicy{}, fail.Invalid("by", "")},
	} {
		t.Run(name, func(t *testing.T) {
			estest.Given(rights.PolicySchema, c.given...).When(c.when).Refuses(t, c.want)
		})
	}
}

// A draft must not share its rights with the presets it came from.
func TestPresetsStayAsTheyAre(t *testing.T) {
	before := len(rights.Presets[rights.ScrumOnly])
	s := estest.Given(rights.PolicySchema, drafted).When(rights.ApplyPreset{Preset: rights.ScrumOnly}).State(t)
	s.Rights["epic.go_nogo"] = byPO
	events, err := rights.ApplyPreset{Preset: rights.ScrumOnly}.Decide(rights.Policy{State: rights.PolicyDraft}, estest.Meta)
	if err != nil {
		t.Fatal(err)
	}
	events[0].(rights.PresetApplied).Rights["epic.go_nogo"] = byPO
	if after := len(rights.Presets[rights.ScrumOnly]); after != before {
		t.Fatalf("the preset had %d rights and has %d", before, after)
	}
}
