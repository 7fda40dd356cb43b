package main

import "throughline.dev/services/feedback"

// demoCustomers are panels, partners and traders; their yearly revenue is in
// thousands of euros.
var demoCustomers = []struct {
	short, name, tier string
	arr               int64
	segments          []string
}{
	{"panel35", "Customer panel “Under 35”", "panel", 640, []string{"Under 35"}},
	{"families", "Customer panel “Families”", "panel", 410, []string{"Families"}},
	{"brightwater", "Brightwater Housing Cooperative", "partner", 310, []string{"Home buyers"}},
	{"heimwerk", "Heimwerk Estate Agents", "partner", 120, []string{"Home buyers"}},
	{"northgate", "Northgate University Services", "partner", 95, []string{"Under 35", "Students"}},
	{"sunport", "Sunport Travel Club", "partner", 75, []string{"Travellers"}},
	{"oldtown", "Old Town Notaries", "partner", 60, []string{"Home buyers"}},
	{"velora", "Velora Bicycles", "trader", 42, []string{"Sole traders"}},
	{"lindenhof", "Kaffeehaus Lindenhof", "trader", 18, []string{"Sole traders"}},
	{"fenwick", "Fenwick Plumbing", "trader", 14, []string{"Sole traders"}},
	{"mirabel", "Atelier Mirabel, hairdressers", "trader", 9, []string{"Sole traders"}},
	{"barrierfree", "Association for Barrier-free Banking", "association", 0, []string{"Accessibility"}},
}

// demoSaid is a piece of feedback: what was said, and what became of it. Links
// name a feature or an epic by its short name.
type demoSaid struct {
	external, channel, customer, product string
	kind                                 feedback.FeedbackKind
	team                                 string // that speaks
	ago                                  float64
	text                                 string

	excerpt    string
	importance feedback.Importance
	note       string
	links      []string
	assignee   string
	answer     string
	end        string // dismiss, merge or close
	why        string // of it, or what it is merged into
}

const (
	critical  = feedback.Critical
	important = feedback.Important
	nice      = feedback.NiceToHave
)

var demoFeedback = []demoSaid{
	{external: "survey:q1-118", channel: "survey", customer: "panel35", product: "mobile", ago: 64,
		text:    "I gave up opening the account twice. The identity check wanted better light, and the second time it wanted an appointment. If somebody had just called me I would be your customer now.",
		excerpt: "If somebody had just called me I would be your customer now.", importance: critical, links: []string{"epic video", "feature video-id"}, note: "Third panel in a row with the same sentence"},
	{external: "app-review:1754", channel: "app store", customer: "panel35", product: "mobile", ago: 41,
		text:    "Card in my phone before I left the shop. Now let me take my salary along without writing letters to anybody.",
		excerpt: "let me take my salary along without writing letters", importance: important, links: []string{"feature salary-switch"}},
	{external: "support:30417", channel: "service line", customer: "northgate", product: "mobile", ago: 52,
		text:    "Our first-year students ask for an account they can keep after graduation. Most banks throw them out of the student package with the first salary.",
		excerpt: "an account they can keep after graduation", importance: important, links: []string{"epic student", "epic onboarding"}},
	{external: "interview:fam-07", channel: "interview", customer: "families", product: "mobile", ago: 37,
		text:    "Pocket money is Friday, in coins, and I never have coins on Friday. And I want to say yes to the bakery and no to the kiosk with the energy drinks.",
		excerpt: "I want to say yes to the bakery and no to the kiosk", importance: critical, links: []string{"feature child-card", "feature pocket-money"}, note: "Said by nine of twelve families"},
	{external: "interview:fam-09", channel: "interview", customer: "families", product: "mobile", ago: 36,
		text:    "We are separated. Whoever opens the account must not be able to shut the other one out.",
		excerpt: "must not be able to shut the other one out", importance: critical, links: []string{"feature child-invite"}},
	{external: "support:31002", channel: "service line", customer: "sunport", product: "mobile", ago: 44,
		text:    "Forty of our members had their card blocked on the first day of the trip. They had told you about the trip. A message would have done: was this you?",
		excerpt: "A message would have done: was this you?", importance: critical, links: []string{"feature ask", "epic fraud"}},
	{external: "app-review:1902", channel: "app store", customer: "panel35", product: "mobile", ago: 33,
		text:    "Lost my wallet on the train. By the time I had signed in to block the card somebody had bought lunch. I want a freeze button right on the lock screen.",
		excerpt: "a freeze button right on the lock screen", importance: important, links: []string{"epic fraud"}},
	{external: "crm:velora-14", channel: "account manager", customer: "velora", product: "mobile", ago: 31,
		text:    "Customers pay for repairs two weeks after they have ridden away. A link with the price on it, and the money is here before the bicycle is gone.",
		excerpt: "A link with the price on it", importance: critical, links: []string{"epic merchant", "feature request-link"}},
	{external: "crm:mirabel-3", channel: "account manager", customer: "mirabel", product: "mobile", ago: 28,
		text:    "The card reader costs me more a month than the cuts it is used for. I would pay per use.",
		excerpt: "I would pay per use", importance: important, links: []string{"epic merchant"}},
	{external: "crm:lindenhof-8", channel: "account manager", customer: "lindenhof", product: "mobile", ago: 21,
		text:    "Rent goes out as a standing order and still arrives a day late every time the first is a Sunday. My landlord notices.",
		excerpt: "still arrives a day late every time the first is a Sunday", importance: important, links: []string{"feature standing", "epic sepa"}},
	{external: "support:31377", channel: "service line", customer: "lindenhof", product: "mobile", kind: feedback.KindQuestion, ago: 16,
		text:   "Can I set a limit for instant payments that nobody can raise at night?",
		answer: "Yes: lowering works at once, and from next month raising needs a second factor and, if you like, four hours.", end: "close",
		excerpt: "a limit for instant payments that nobody can raise at night", importance: nice, links: []string{"feature limits"}},
	{external: "partner:bw-22", channel: "partner meeting", customer: "brightwater", product: "home", ago: 48,
		text:    "Our buyers lose flats because your offer takes three weeks. The cash buyer signs on Monday. Give them something binding by Sunday evening.",
		excerpt: "Give them something binding by Sunday evening.", importance: critical, links: []string{"feature offer", "epic mortgage"}, note: "They send us 400 buyers a year"},
	{external: "partner:hw-5", channel: "partner meeting", customer: "heimwerk", product: "home", ago: 30,
		text:    "Half of the calls to my agents are “has the bank said anything?”. If I could look at the same status as the buyer, you would hear less from me.",
		excerpt: "If I could look at the same status as the buyer", importance: important, links: []string{"feature tracker"}},
	{external: "partner:ot-11", channel: "partner meeting", customer: "oldtown", product: "home", ago: 27,
		text:    "We get the loan papers as eleven mails. One place that all three of us can open would save everybody a day.",
		excerpt: "One place that all three of us can open", importance: important, links: []string{"epic vault"}},
	{external: "survey:q1-204", channel: "survey", customer: "brightwater", product: "home", ago: 24,
		text:    "Members ask for a better rate when they insulate. The subsidy office sends them to you and you send them back.",
		excerpt: "a better rate when they insulate", importance: critical, links: []string{"epic energy", "feature certificate"}},
	{external: "support:30911", channel: "service line", customer: "heimwerk", product: "home", ago: 23,
		text: "The buyer photographed the same document three times because nothing said that it had arrived.",
		end:  "merge", why: "partner:hw-5"},
	{external: "letter:77", channel: "letter", customer: "barrierfree", product: "mobile", ago: 46,
		text:    "Two of our testers could not open an account without help: fields without names, and errors that are only red.",
		excerpt: "fields without names, and errors that are only red", importance: critical, links: []string{"feature screen-reader"}},
	{external: "app-review:1688", channel: "app store", customer: "", product: "mobile", ago: 39,
		text: "Bring back the old icon!!!", end: "dismiss", why: "The icon tested better with all four groups; nobody could not find the app."},
	{external: "support:30733", channel: "service line", customer: "fenwick", product: "mobile", ago: 43,
		text:    "I am leaving. My new card reader pays out in the evening, yours takes two days.",
		excerpt: "pays out in the evening, yours takes two days", importance: critical, links: []string{"epic merchant", "epic sepa"}, note: "Left the week after"},
	{external: "team:compass-4", channel: "team", product: "mobile", kind: feedback.KindTeamToPM, team: "COMPASS", ago: 8,
		text: "The score is ready before the question in the app is. Can we switch it on for rules only, without asking, until then?", assignee: "priya",
		answer: "Yes, for cards that were reported stolen. For everything else we wait: asking is the point."},
	{external: "team:lantern-2", channel: "team", product: "home", kind: feedback.KindTeamToPM, team: "LANTERN", ago: 4,
		text: "Self-employed buyers make up a third of the enquiries and we turn every one of them away at step two. We can tell them earlier, or help them.", assignee: "lukas"},
	{external: "support:31555", channel: "service line", customer: "sunport", product: "mobile", kind: feedback.KindQuestion, ago: 3,
		text: "Which currencies will the travel pots have, and will the rate be fixed when we fill them?", assignee: "priya"},
}

// demoInbox came in last; nobody has looked at it yet.
var demoInbox = []demoSaid{
	{external: "app-review:2291", channel: "app store", customer: "panel35", product: "mobile", ago: 1.6,
		text: "Instant transfer to my flatmate in four seconds. Now do the same for the rent, please."},
	{external: "support:31604", channel: "service line", customer: "families", product: "mobile", kind: feedback.KindQuestion, ago: 1.1,
		text: "Can grandparents pay into the savings jar without an account of their own?"},
	{external: "partner:bw-23", channel: "partner meeting", customer: "brightwater", product: "home", ago: 0.8,
		text: "The first member has signed in the pilot. She says the fees were the first she ever understood. Two neighbours want in."},
	{external: "support:31611", channel: "service line", customer: "velora", ago: 0.4,
		text: "A customer's payment shows as our old company name. It worries people."},
	{external: "app-review:2304", channel: "app store", ago: 0.2,
		text: "The night mode hurts my eyes less than your brand colour does. Make it follow the phone."},
}

// demoIdea is an idea; a vote is a customer or one of us, and a star for each
// degree of importance.
type demoIdea struct {
	short, title, text, product, author, customer string
	ago                                           float64
	votes                                         []string
	statuses                                      []feedback.State
	end, why                                      string
}

var demoIdeas = []demoIdea{
	{short: "freeze", title: "Freeze my card from the lock screen", text: "One tap, no sign-in; thawing needs one.", product: "mobile", author: "grace", customer: "panel35", ago: 32,
		votes: []string{"panel35 ***", "families **", "sunport ***", "northgate **", "ben ***"}},
	{short: "jar", title: "A savings jar that grandparents can fill", text: "A link for birthdays that pays into the child's jar.", product: "mobile", author: "grace", customer: "families", ago: 26,
		votes: []string{"families ***", "panel35 *", "tove **", "clara **"}},
	{short: "dark", title: "Dark mode that follows the phone", product: "mobile", author: "ben", ago: 58,
		votes: []string{"panel35 **", "northgate *", "tove **", "lena *", "emil *"}, statuses: []feedback.State{feedback.UnderReview}},
	{short: "night", title: "A night theme for the app", product: "mobile", author: "grace", customer: "northgate", ago: 31,
		votes: []string{"northgate **", "sunport *"}, end: "merge", why: "dark"},
	{short: "both", title: "One signature session for both buyers", text: "Two phones, one sofa, one signature session.", product: "home", author: "aisha", customer: "brightwater", ago: 29,
		votes: []string{"brightwater ***", "heimwerk **", "oldtown **", "emil **"}, statuses: []feedback.State{feedback.UnderReview, feedback.Planned}},
	{short: "neighbours", title: "Show what my monthly rate would be on any advert", text: "A button next to the price on the agent's page.", product: "home", author: "lukas", customer: "heimwerk", ago: 19,
		votes: []string{"heimwerk ***", "brightwater **", "lena **"}, statuses: []feedback.State{feedback.UnderReview, feedback.Planned, feedback.InProgress}},
	{short: "passbook", title: "Print a savings book at the machine", product: "mobile", author: "grace", ago: 70,
		votes: []string{"lindenhof *"}, end: "decline", why: "The printers are no longer made, and the statement as a document does the same. Branches print one on request."},
	{short: "receipts", title: "Keep the receipt with the card payment", text: "Photograph it once and find it under the payment.", product: "mobile", author: "chiara", customer: "mirabel", ago: 11,
		votes: []string{"mirabel **", "velora **", "lindenhof *"}},
}

var demoIdeaLinks = []struct{ insight, idea string }{
	{"app-review:1902", "freeze"}, {"interview:fam-07", "jar"}, {"crm:mirabel-3", "receipts"},
}
