package main

import "throughline.dev/services/strategy"

// demoEpic is one line of the portfolio. Its costs are in thousands of euros;
// its WSJF inputs are value, time criticality, risk or opportunity, and size.
type demoEpic struct {
	short, title, text string
	kind               strategy.EpicKind
	theme, owner       string
	streams            []string
	demoMoves
	wsjf       [4]int
	cost       demoCost
	mvp        string
	scope      []string
	hypothesis *strategy.Hypothesis
	readings   []float64 // of its first indicator
	into       string    // title of the epic that a pivot opens
	pivotOf    string
}

type demoCost struct {
	mvp, full int64
	pis       int
}

const (
	business = strategy.BusinessEpic
	enabler  = strategy.EnablerEpic
)

func in(streams ...string) []string { return streams }

func stands(s strategy.EpicState, since float64) demoMoves { return demoMoves{state: s, since: since} }

func ended(from strategy.EpicState, since float64, how strategy.Resolution, why string) demoMoves {
	return demoMoves{state: strategy.Done, since: since, from: from, how: how, why: why}
}

// hypothesis is a whole statement, but for the solution's name: the epic's.
func hypothesis(whom, who, the, isA, that, unlike, ours, outcome, tShirt, indicator, unit string, target float64) *strategy.Hypothesis {
	return &strategy.Hypothesis{For: whom, Who: who, The: the, IsA: isA, That: that, Unlike: unlike, OurSolution: ours, Outcomes: []string{outcome},
		Indicators: []strategy.Indicator{{Name: indicator, Unit: unit, Target: &target}}, TShirt: tShirt}
}

// demoEpics are in the order in which they were seen through, furthest first.
var demoEpics = []demoEpic{
	{"cash", "Contactless cash at every branch", "Withdraw with the phone instead of the card, at all 640 machines.", business, "instant", "clara", in("payments"),
		ended(strategy.Persevere, 34, strategy.Delivered, "91 % of the machines take the phone and use keeps growing by itself; the rest is maintenance."),
		[4]int{8, 5, 3, 5}, demoCost{260, 900, 2}, "Twenty machines in one city", []string{"Withdraw with the phone instead of the card", "Set the withdrawal limit in the app"},
		hypothesis("customers who leave the card at home", "need cash now and then", "contactless withdrawal", "function of app and machine", "gives cash for a tap", "a card that lies at home", "works with every phone and needs no PIN twice",
			"A third of withdrawals without a card", "m", "Withdrawals by phone", "% of withdrawals", 30), []float64{6, 14, 27, 33}, "", ""},
	{"voice", "Voice assistant for branch queues", "Speak to a screen while you wait, and the adviser knows what it is about.", business, "young", "clara", in("everyday"),
		ended(strategy.MVP, 58, strategy.Stopped, "Four in five customers walked past it in both pilot branches, and those who spoke to it waited no less."),
		[4]int{5, 3, 5, 8}, demoCost{310, 1400, 3}, "One screen in each of two branches", []string{"Ask for the reason of the visit", "Hand over to the adviser"},
		hypothesis("branch visitors", "wait without knowing how long", "the voice assistant", "screen that listens", "takes the first three minutes out of every talk", "a paper ticket", "tells the adviser what it is about",
			"Talks are three minutes shorter", "l", "Visitors who use it", "% of visitors", 40), []float64{11, 17, 16}, "", ""},
	{"kiosks", "Branch kiosks for account opening", "Open an account at a kiosk in the branch in a quarter of an hour.", business, "young", "clara", in("everyday"),
		ended(strategy.MVP, 0, strategy.Pivoted, "Nobody comes to a branch to open an account alone, but nine in ten liked the video adviser on the kiosk. Take the adviser to the phone."),
		[4]int{8, 5, 5, 8}, demoCost{420, 2100, 4}, "Six kiosks in three branches", []string{"Identity check on screen", "Video adviser"},
		hypothesis("new customers", "want an account without an appointment", "the kiosk", "self-service desk", "opens an account in fifteen minutes", "an appointment in eleven days", "has an adviser on video when one is needed",
			"A fifth of openings at a kiosk", "l", "Openings at a kiosk", "per week and branch", 25), []float64{3, 4, 4}, "Open an account by video call", ""},
	{"crypto", "Crypto wallet inside the mobile app", "Buy, hold and send crypto-assets next to the current account.", business, "young", "clara", in("wealth"),
		ended(strategy.Analyzing, 66, strategy.NoGo, "The licence alone takes two years, and demand comes from 2 % of customers who have a wallet already."),
		[4]int{5, 3, 2, 13}, demoCost{700, 3800, 6}, "Hold-only wallet for employees", []string{"Buy and hold two assets"},
		hypothesis("young investors", "hold crypto elsewhere", "the wallet", "account for crypto-assets", "keeps it next to the salary", "an exchange abroad", "comes with our custody",
			"Keep 12,000 customers", "xl", "Waiting list", "customers", 20000), nil, "", ""},
	{"catalogue", "Printed loyalty catalogue, second edition", "A printed catalogue of bonus offers, twice a year.", business, "", "", in("everyday"),
		ended(strategy.Funnel, 120, strategy.Rejected, "Serves no strategic theme, and the first edition was binned unopened by most."),
		[4]int{}, demoCost{}, "", nil, nil, nil, "", ""},

	{"onboarding", "Five-minute account opening on the phone", "From the download to the first card payment in five minutes, in every home market.", business, "young", "clara", in("everyday"),
		demoMoves{state: strategy.Persevere, since: 44, why: "Phone openings doubled in the first market and fraud did not; go for all five."},
		[4]int{20, 13, 8, 8}, demoCost{680, 3200, 5}, "Opening with video identification in one market", []string{"Video identification", "Card in the wallet at once", "Salary switch"},
		hypothesis("people under 35", "open an account when they change job or town", "five-minute opening", "way into the bank", "gets them paying before they put the phone away", "eleven days and a letter", "puts the card into the phone wallet at once",
			"75 % of openings finished on the phone", "l", "Openings finished on the phone", "% of openings", 60), []float64{41, 52, 61, 63}, "", ""},
	{"sepa", "Instant payments across Europe", "Send and receive in ten seconds at all hours, at the price of an ordinary transfer.", business, "instant", "nadia", in("payments"),
		demoMoves{state: strategy.Persevere, since: 27, why: "Outgoing instant is live for all; the regulation's second date is safe only if we go on."},
		[4]int{13, 20, 13, 13}, demoCost{900, 4100, 4}, "Receiving for all, sending for employees", []string{"Send and receive", "Payee check", "Limits set by the customer"},
		hypothesis("everybody who sends money", "waits a day for no reason", "instant payments", "way to send money", "is there in ten seconds", "the overnight batch", "checks the name before the money leaves",
			"95 % of transfers within ten seconds", "xl", "Transfers within ten seconds", "% of transfers", 70), []float64{38, 55, 71, 78}, "", ""},

	{"fraud", "Real-time fraud shield for card payments", "Score every card payment in 50 milliseconds, and ask the customer instead of blocking the card.", business, "trust", "tomasz", in("payments"),
		stands(strategy.MVP, 51), [4]int{13, 13, 13, 8}, demoCost{750, 2600, 4}, "Scoring for a third of all cards", []string{"Score in 50 ms", "Ask in the app", "Learn from answers"},
		hypothesis("card holders", "are blocked at the till or robbed at night", "the fraud shield", "scoring of payments", "stops the fraud and not the holiday", "rules that are renewed twice a year", "asks the customer in the app and learns",
			"Fraud losses halved", "l", "Fraud losses on scored cards", "EUR per million spent", 300), []float64{540, 487, 455}, "", ""},
	{"mortgage", "Digital mortgage from enquiry to keys", "One screen from the first enquiry to the day of the keys, with a binding offer within a day.", business, "home", "davide", in("lending"),
		stands(strategy.MVP, 68), [4]int{20, 8, 5, 13}, demoCost{1200, 6400, 6}, "Enquiry to binding offer for employees who earn here", []string{"Income from the account", "Binding offer", "Where it stands"},
		hypothesis("first-time buyers", "lose flats to faster buyers", "the digital mortgage", "way to a home loan", "gives a binding offer by Sunday evening", "nine weeks and forty-one documents", "knows income and spending with consent",
			"Median time to offer of one day", "xxl", "Median time to a binding offer", "days", 3), []float64{17, 12, 9}, "", ""},
	{"family", "Family accounts with pocket money", "A card for children, pocket money by the week, and parents who see and cap.", business, "young", "clara", in("everyday"),
		stands(strategy.MVP, 33), [4]int{13, 5, 5, 5}, demoCost{380, 1500, 3}, "Invite a child, weekly pocket money, one card", []string{"Invite a child", "Pocket money", "Card with caps"},
		hypothesis("families with children from seven on", "hand out cash and lose track", "family accounts", "account for parents and children", "teaches money and shows it", "a prepaid card of somebody else", "grows with the child into a full account",
			"60,000 families in a year", "m", "Families with an active child card", "families", 8000), []float64{900, 2300}, "", ""},
	{"events", "Event backbone out of the core ledger", "Every booking as an event within a second, so that products stop polling the ledger.", enabler, "trust", "tomasz", in("everyday", "payments"),
		demoMoves{state: strategy.MVP, since: 82, blocked: "The ledger vendor's release with change capture slipped by six weeks; a work-around is priced."},
		[4]int{8, 8, 20, 13}, demoCost{840, 2900, 5}, "Bookings of current accounts as events", []string{"Change capture", "Replay", "Catalogue of events"},
		hypothesis("product teams", "poll the ledger and bring it to its knees at month's end", "the event backbone", "stream of bookings", "tells every product within a second", "nightly files", "can be replayed from any day",
			"No product polls the ledger", "xl", "Products that read events", "products", 5), []float64{1, 2}, "", ""},

	{"energy", "Energy-saving home loans", "A better rate for better insulation, proven by the energy certificate.", business, "home", "davide", in("lending"),
		stands(strategy.Ready, 19), [4]int{13, 13, 5, 5}, demoCost{290, 1100, 2}, "Renovation loan with certificate upload", []string{"Certificate upload", "Rate by class", "Subsidy finder"},
		hypothesis("owners of older houses", "want to insulate and fear the cost", "the energy loan", "home loan", "pays back through the heating bill", "a general consumer loan", "finds the subsidy for them",
			"EUR 200 million lent in the first year", "m", "Applications with a certificate", "per month", 400), nil, "", ""},
	{"split", "Split and request bills among friends", "Split a restaurant bill at the table, and nobody has to chase anybody.", business, "instant", "nadia", in("payments"),
		stands(strategy.Ready, 12), [4]int{8, 5, 3, 3}, demoCost{180, 500, 1}, "Request money by link", []string{"Request by link", "Split a card payment"},
		hypothesis("friends who share bills", "chase each other for small sums", "split and request", "function of the app", "settles at the table", "another app for it", "rides on instant payments and needs no sign-up",
			"Every third customer under 35 uses it monthly", "s", "Monthly users", "customers", 150000), nil, "", ""},
	{"drills", "Recovery drills for every critical service", "Fail every critical service over, four times a year, in daylight, with proof for the supervisor.", enabler, "trust", "tomasz", in("everyday", "payments", "lending"),
		stands(strategy.Ready, 31), [4]int{5, 20, 13, 8}, demoCost{340, 800, 3}, "Drills of the four payment services", []string{"Drill by button", "Evidence report"},
		hypothesis("operations and supervisors", "hope that the recovery plan works", "the drills", "practice", "proves recovery within two hours", "a plan on paper", "writes its own evidence",
			"14 services with a passed drill", "m", "Services with a passed drill", "services", 8), nil, "", ""},

	{"merchant", "Get-paid links for sole traders", "A hairdresser sends a link and the money is there before the customer has left.", business, "instant", "nadia", in("payments"),
		stands(strategy.Analyzing, 26), [4]int{13, 8, 5, 5}, demoCost{320, 1300, 3}, "Payment link by message for 200 sole traders", []string{"Link by message", "Money at once", "Simple bookkeeping export"},
		hypothesis("sole traders", "wait weeks for small invoices", "get-paid links", "way to be paid", "has the money there at once", "a card reader with a monthly fee", "costs nothing until it is used",
			"20,000 sole traders in two years", "m", "Links paid within an hour", "% of links", 60), nil, "", ""},
	{"refinance", "Refinancing in two taps", "Tell owners when a better rate is due to them, and switch without a new appointment.", business, "home", "davide", in("lending"),
		stands(strategy.Analyzing, 35), [4]int{13, 8, 8, 5}, demoCost{240, 950, 2}, "Offer and signature for loans that end within a year", []string{"Rate watch", "Sign in the app"},
		hypothesis("owners whose fixed rate ends", "stay out of inertia or leave in anger", "two-tap refinancing", "service for owners", "keeps them before a broker calls", "a letter eight weeks before", "comes with a signed offer",
			"Keep 70 % of expiring loans", "m", "Expiring loans kept", "% of volume", 65), nil, "", ""},
	{"roundup", "Round-up savings into index funds", "Round every card payment up and put the cents into a fund.", business, "young", "clara", in("wealth"),
		demoMoves{state: strategy.Analyzing, since: 74, blocked: "Waiting for the supervisor's opinion on whether cents need a suitability test."},
		[4]int{8, 5, 3, 5}, demoCost{210, 700, 2}, "Round up into one fund", []string{"Round up", "One fund"},
		hypothesis("people who never invested", "think it takes thousands", "round-up savings", "way to invest", "starts with cents", "a broker's app", "sits behind the card they use anyway",
			"100,000 first-time investors", "s", "Round-ups still on after 90 days", "% of users", 70), nil, "", ""},
	{"identity", "One customer identity across channels", "One identity for app, branch, phone and web, proven once.", enabler, "trust", "tomasz", in("everyday", "lending"),
		stands(strategy.Analyzing, 41), [4]int{8, 5, 13, 20}, demoCost{}, "", nil,
		hypothesis("customers", "prove who they are again at every door", "one identity", "base of all channels", "asks once", "four sign-ins", "serves branch and phone too",
			"One proof of identity per customer", "xxl", "Customers with one identity", "% of customers", 30), nil, "", ""},

	{"fx", "Travel currency pots", "Hold seven currencies and pay abroad without a fee or a surprise.", business, "instant", "nadia", in("payments"),
		stands(strategy.Reviewing, 15), [4]int{8, 3, 3, 8}, demoCost{}, "", nil,
		hypothesis("travellers", "pay a fee they see too late", "currency pots", "account in foreign money", "fixes the rate before the trip", "a second card of a competitor", "is in the account they have",
			"30 % more card spending abroad", "m", "Pots with a balance", "pots", 50000), nil, "", ""},
	{"student", "Student package with a graduate step-up", "Free until the first salary, and then the right account by itself.", business, "young", "clara", in("everyday"),
		stands(strategy.Reviewing, 8), [4]int{8, 13, 3, 3}, demoCost{}, "", nil,
		&strategy.Hypothesis{For: "students", Who: "choose a bank in their first week", That: "keeps them when the salary comes", Outcomes: []string{"Half of each year's students"}, TShirt: "s"}, nil, "", ""},
	{"vault", "Document vault shared with notaries", "Deeds and loan papers in one place that bank, buyer and notary can open.", business, "home", "davide", in("lending"),
		stands(strategy.Reviewing, 21), [4]int{}, demoCost{}, "", nil,
		&strategy.Hypothesis{For: "buyers and notaries", Who: "send papers back and forth", The: "the vault", IsA: "shared folder with proof"}, nil, "", ""},

	{"video", "Open an account by video call", "The adviser who was liked at the kiosk, on the customer's own phone.", business, "young", "clara", in("everyday"),
		stands(strategy.Funnel, 0), [4]int{8, 8, 5, 3}, demoCost{}, "", nil,
		hypothesis("people who get stuck while opening an account", "give up at the identity check", "the video call", "help at the right moment", "takes them over the last step", "a help page", "is the same adviser to the end",
			"Halve the openings that are given up", "s", "Openings given up at the identity check", "% of openings", 12), nil, "", "kiosks"},
	{"carbon", "Carbon view of card spending", "Show what a month's purchases mean in kilograms.", business, "", "", in("payments"),
		stands(strategy.Funnel, 29), [4]int{}, demoCost{}, "", nil, nil, nil, "", ""},
	{"paylater", "Pay-later guardrails for young card users", "A cap, a nudge and a way out before instalments pile up.", business, "young", "", in("payments"),
		stands(strategy.Funnel, 6), [4]int{}, demoCost{}, "", nil, nil, nil, "", ""},
	{"pension", "Pension overview from all providers", "State, employer and private pension on one page.", business, "", "", in("wealth"),
		stands(strategy.Funnel, 17), [4]int{}, demoCost{}, "", nil, nil, nil, "", ""},
	{"quantum", "Quantum-safe key exchange for partners", "Replace the key exchange with partners before the scheme's deadline.", enabler, "trust", "tomasz", in("payments"),
		stands(strategy.Funnel, 3), [4]int{}, demoCost{}, "", nil, nil, nil, "", ""},
}
