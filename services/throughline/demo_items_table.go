package main

import "throughline.dev/services/backlog"

// demoFeature is a feature of a team under an epic, or under none for a
// reason. Began is how many days ago work on it began, or would have.
type demoFeature struct {
	short, title, epic, reason, team string
	state                            backlog.State
	began, points                    float64
	wsjf                             [4]int
	hypothesis                       string
	criteria                         []string
	category                         backlog.EnablerCategory
	toggle, blocked                  string
}

var demoFeatures = []demoFeature{
	{"video-id", "Identify by video in the app", "onboarding", "", "HARBOUR", backlog.Done, 40, 20, [4]int{13, 13, 8, 5},
		"If people can prove who they are on the sofa, twice as many finish opening an account.", []string{"Nine in ten identifications finish within four minutes", "A failed one leads to another way, never to a dead end"}, "", "video-identification", ""},
	{"wallet-card", "Card in the phone wallet at once", "onboarding", "", "HARBOUR", backlog.Releasing, 34, 13, [4]int{13, 8, 3, 3},
		"A card that works before the plastic comes makes us the account for groceries from the first day.", []string{"First payment possible within five minutes of opening", "Works with both large phone wallets"}, "", "", ""},
	{"salary-switch", "Take the salary along in three taps", "onboarding", "", "HARBOUR", backlog.Implementing, 30, 20, [4]int{13, 8, 5, 5},
		"Who moves the salary within 90 days stays; doing the letters for them doubles that.", []string{"Employer and landlord are told without a letter", "The customer sees what still goes to the old bank"}, "", "", ""},
	{"child-invite", "Invite a child to the family account", "family", "", "HARBOUR", backlog.Implementing, 29, 20, [4]int{8, 5, 3, 5},
		"Parents start with one child; an invitation that takes a minute brings the second.", []string{"Both parents have agreed where the law asks for it", "The child sees only its own account"}, "", "", ""},
	{"pocket-money", "Weekly pocket money with small tasks", "family", "", "HARBOUR", backlog.Implementing, 22, 13, [4]int{8, 5, 2, 3},
		"A payment every Friday is the habit that keeps a family here.", []string{"Pays on the chosen weekday without a reminder", "Can be paused for holidays"}, "", "", ""},
	{"child-card", "Child card with caps by type of shop", "family", "", "HARBOUR", backlog.Ready, 14, 13, [4]int{8, 3, 5, 5},
		"Caps that parents set themselves turn “not yet” into “at seven”.", []string{"A refused payment tells the child why, kindly"}, "", "", ""},
	{"graduate", "Grow a child account into a full one", "family", "", "HARBOUR", backlog.Funnel, 0, 0, [4]int{}, "", nil, "", "", ""},
	{"screen-reader", "Account opening with a screen reader", "", "A legal duty of the accessibility act, too small for a portfolio epic", "HARBOUR", backlog.Implementing, 12, 8, [4]int{5, 13, 8, 3},
		"Who cannot see the form opens an account without asking anybody.", []string{"Passes the test of the association of the blind"}, "", "", ""},

	{"payee-check", "Check the payee's name before sending", "sepa", "", "COMPASS", backlog.Done, 41, 20, [4]int{13, 20, 13, 5},
		"A warning before the money leaves halves the disputes after.", []string{"Answers within a second", "A warning says what differs in plain words"}, "", "payee-check", ""},
	{"send-instant", "Send instantly from the app", "sepa", "", "COMPASS", backlog.Deploying, 39, 13, [4]int{13, 20, 8, 5},
		"When instant is the normal case, nobody asks where the money is.", []string{"Money is there within ten seconds", "Falls back to an ordinary transfer by itself"}, "", "", ""},
	{"limits", "Set my own limit for instant payments", "sepa", "", "COMPASS", backlog.Implementing, 25, 13, [4]int{8, 13, 8, 3},
		"A limit of one's own takes the fear out of instant.", []string{"Lowering works at once, raising with a second factor"}, "", "", ""},
	{"standing", "Standing orders go instant", "sepa", "", "COMPASS", backlog.Ready, 15, 8, [4]int{5, 8, 3, 3},
		"Rent that arrives on the day it is due ends one complaint in ten.", []string{"Runs at six in the morning of the due day"}, "", "", ""},
	{"score", "Score card payments in 50 milliseconds", "fraud", "", "COMPASS", backlog.Validating, 38, 20, [4]int{13, 13, 13, 8},
		"A learned score finds half of the fraud that rules miss, at a third of the false alarms.", []string{"50 ms at the 99th percentile", "Every score can be explained to the customer"}, "", "", ""},
	{"ask", "Ask me in the app instead of blocking", "fraud", "", "COMPASS", backlog.Implementing, 24, 20, [4]int{20, 13, 8, 5},
		"Nine in ten blocked payments were honest; one question saves the holiday.", []string{"The question comes within three seconds", "A yes lets the next attempt through"}, "", "", ""},
	{"learn", "Learn from what customers answer", "fraud", "", "COMPASS", backlog.Analyzing, 6, 0, [4]int{8, 5, 13, 8},
		"Every answer is a label that no competitor has.", []string{"The score is renewed every week"}, "", "", ""},
	{"capture", "Stream of bookings from the ledger", "events", "", "COMPASS", backlog.Implementing, 37, 20, [4]int{5, 13, 20, 8},
		"A booking that every product hears of within a second ends the nightly files.", []string{"No booking is lost when a reader is down"}, "architecture", "", "The ledger vendor's release with change capture is six weeks late."},
	{"replay", "Replay bookings from any day", "events", "", "COMPASS", backlog.Analyzing, 3, 0, [4]int{3, 3, 13, 5},
		"A reader that made a mistake repairs itself over night.", []string{"A year of one account within a minute"}, "infrastructure", "", ""},
	{"request-link", "Request money by link", "split", "", "COMPASS", backlog.Funnel, 0, 0, [4]int{}, "", nil, "", "", ""},

	{"income", "Income straight from the account", "mortgage", "", "LANTERN", backlog.Done, 42, 20, [4]int{13, 8, 5, 5},
		"Buyers who need no payslip finish the enquiry on the day they start it.", []string{"Twelve months are read with one consent", "The buyer can correct what we recognised"}, "", "income-from-account", ""},
	{"documents", "Upload documents by photo", "mortgage", "", "LANTERN", backlog.Validating, 36, 20, [4]int{8, 5, 3, 5},
		"The phone is the scanner that everybody has.", []string{"Recognises the ten most frequent documents"}, "", "", ""},
	{"offer", "Binding offer in the app", "mortgage", "", "LANTERN", backlog.Implementing, 28, 40, [4]int{20, 13, 5, 8},
		"A binding offer on Sunday evening wins flats on Monday morning.", []string{"Binding for employees with an account here", "Every fee is explained in one sentence"}, "", "", ""},
	{"tracker", "Show where my loan stands", "mortgage", "", "LANTERN", backlog.Implementing, 23, 13, [4]int{8, 8, 2, 3},
		"Who sees the next step does not call; a third of the calls are “where does it stand?”.", []string{"Seven steps, each with a date or a person"}, "", "", ""},
	{"valuation", "Value the flat from register data", "mortgage", "", "LANTERN", backlog.Analyzing, 5, 0, [4]int{13, 5, 8, 8},
		"Comparable sales value two flats in three without a visit.", []string{"Within 5 % of the appraiser in nine cases of ten"}, "", "", ""},
	{"certificate", "Better rate for a better energy class", "energy", "", "LANTERN", backlog.Ready, 9, 13, [4]int{8, 13, 3, 5},
		"A rate that shows what insulation is worth brings owners who would not have asked.", []string{"Reads the certificates of all five markets"}, "", "", ""},
	{"rate-watch", "Tell me when a better rate is due", "refinance", "", "LANTERN", backlog.Funnel, 0, 0, [4]int{}, "", nil, "", "", ""},
}

// demoStory is a story, a bug where there is a defect, a spike where there is
// a time box. Its title names it.
type demoStory struct {
	feature, title string
	points         float64
	plan           demoPlan
	criteria       []string
	blocked        string
	defect         *backlog.Defect
	timeBox        float64 // hours
}

func bug(severity, found, steps string) *backlog.Defect {
	return &backlog.Defect{Severity: severity, FoundIn: found, Steps: steps, Escaped: severity != "minor"}
}

func when(criteria ...string) []string { return criteria }

var demoStories = []demoStory{
	{"video-id", "Start the video identification from the opening flow", 5, doneBefore, when("No second sign-in", "Comes back to the same step"), "", nil, 0},
	{"video-id", "Read the chip of the identity card", 8, doneBefore, when("Works with cards of all five markets"), "", nil, 0},
	{"video-id", "Fall back to a branch appointment when the light is bad", 3, doneBefore, when("Offers the three nearest branches"), "", nil, 0},
	{"video-id", "Camera stays on after identification", 2, doneLast, when("The camera light is off when the result shows"), "", bug("major", "App 7.4", "Identify on a phone with two cameras; go back to the overview; the light stays on."), 0},
	{"wallet-card", "Show the virtual card as soon as the account is open", 3, doneBefore, when("Number and expiry can be copied"), "", nil, 0},
	{"wallet-card", "Add the card to the phone wallet", 5, doneLast, when("One tap from the card", "Both large wallets"), "", nil, 0},
	{"wallet-card", "Explain why a wallet is refused", 2, doneLast, when("Names the setting to change"), "", nil, 0},
	{"salary-switch", "Find the old bank by its account number", 3, doneLast, when("Recognises 98 % of banks at home"), "", nil, 0},
	{"salary-switch", "List the direct debits that will move", 5, doneNow, when("Shows amount and last date", "Each can be left out"), "", nil, 0},
	{"salary-switch", "Write to employer and landlord for me", 8, doing, when("The customer reads the letter before it goes"), "", nil, 0},
	{"salary-switch", "Show which payments have arrived at the new account", 5, planned, when("Updated within a day"), "", nil, 0},
	{"salary-switch", "Remind me of what still goes to the old bank", 3, ready, when("At most once a week"), "", nil, 0},
	{"child-invite", "Invite a child by showing a code", 3, doneLast, when("The code is good for ten minutes"), "", nil, 0},
	{"child-invite", "Confirm custody with both parents", 5, doing, when("Both confirm on their own phone"), "Legal has not signed off the wording for separated parents.", nil, 0},
	{"child-invite", "Give the child a view of its own", 8, carried, when("No advertising", "Sums are shown as coins too"), "", nil, 0},
	{"child-invite", "Let a parent take an invitation back", 2, ready, when("Until the child has accepted"), "", nil, 0},
	{"pocket-money", "Pay pocket money every Friday", 3, doneNow, when("Before school starts"), "", nil, 0},
	{"pocket-money", "Pause pocket money", 2, review, when("The child is told until when"), "", nil, 0},
	{"pocket-money", "Give a small task with a reward", 5, planned, when("A photo proves that it is done"), "", nil, 0},
	{"pocket-money", "Show a savings jar that fills", 3, ready, when("The child names the jar"), "", nil, 0},
	{"pocket-money", "How do other markets treat children's tax numbers?", 2, inNext, nil, "", nil, 8},
	{"child-card", "Order a card with the child's own picture", 5, draft, nil, "", nil, 0},
	{"child-card", "Cap spending by type of shop", 8, draft, nil, "", nil, 0},
	{"child-card", "Tell the parent about every payment", 3, ready, when("Can be switched off by week"), "", nil, 0},
	{"screen-reader", "Label every field of the opening form", 3, doneNow, when("No field is read as “edit box”"), "", nil, 0},
	{"screen-reader", "Announce errors to the screen reader", 3, planned, when("The first error is read and focused"), "", nil, 0},

	{"payee-check", "Ask the receiving bank for the name", 8, doneBefore, when("Goes on after one second without an answer"), "", nil, 0},
	{"payee-check", "Warn in plain words when names differ", 3, doneBefore, when("Understood by eight of ten in the test"), "", nil, 0},
	{"payee-check", "Keep proof of the warning for disputes", 3, doneLast, when("Kept for thirteen months"), "", nil, 0},
	{"send-instant", "Send instantly when both banks can", 5, doneBefore, when("No extra fee", "Chosen by itself"), "", nil, 0},
	{"send-instant", "Show a countdown until the money is there", 2, doneLast, when("Stops with the bank's confirmation"), "", nil, 0},
	{"send-instant", "Fall back to an ordinary transfer", 5, doneLast, when("The customer is asked first"), "", nil, 0},
	{"limits", "Set a daily limit for instant payments", 3, doneLast, when("Lowering works at once"), "", nil, 0},
	{"limits", "Raise the limit with a second factor", 5, doing, when("Cool-down of four hours can be chosen"), "", nil, 0},
	{"limits", "Tell me when a payment waits for the limit", 2, planned, when("Within a minute"), "", nil, 0},
	{"limits", "Limit starts anew at midnight of the wrong time zone", 3, review, when("Midnight of the customer's market"), "", bug("major", "App 7.5", "Pay up to the limit at 23:30 in Lisbon; pay again at 23:45; it goes through."), 0},
	{"standing", "Run standing orders instantly on the due day", 5, ready, when("At six in the morning"), "", nil, 0},
	{"standing", "Try again in the evening when money is missing", 3, draft, nil, "", nil, 0},
	{"score", "Score in shadow mode for one card in ten", 8, doneBefore, when("No payment waits for the score"), "", nil, 0},
	{"score", "Keep the score under 50 ms at the year-end peak", 5, doneLast, when("Load test at twice the peak"), "", nil, 0},
	{"score", "Explain a score to the service line", 3, doneLast, when("Three reasons in plain words"), "", nil, 0},
	{"ask", "Ask “Was this you?” in the app", 5, doneNow, when("Shows shop, place and amount"), "", nil, 0},
	{"ask", "Release the payment on a yes", 3, review, when("The next attempt goes through"), "", nil, 0},
	{"ask", "Block and reorder the card on a no", 5, doing, when("The new card is in the wallet at once"), "", nil, 0},
	{"ask", "Ask by text message when the app is silent", 3, planned, when("After 20 seconds"), "", nil, 0},
	{"ask", "The question comes twice on two phones", 2, ready, when("Answered on one, gone on the other"), "", bug("minor", "Staging", "Sign in on two phones; pay EUR 200 abroad; answer on the first; the second still asks."), 0},
	{"learn", "Collect yes and no as labels", 3, draft, nil, "", nil, 0},
	{"capture", "Capture bookings of current accounts", 8, carried, when("Within a second of the booking"), "The vendor's release with change capture is six weeks late.", nil, 0},
	{"capture", "Catalogue of booking events", 3, doneNow, when("Every field has an owner and an example"), "", nil, 0},
	{"capture", "Watch the delay between ledger and stream", 3, planned, when("Alarm after five seconds"), "", nil, 0},
	{"replay", "Replay one account from any day", 5, draft, nil, "", nil, 0},

	{"income", "Read twelve months of salary with consent", 5, doneBefore, when("One consent, in one sentence"), "", nil, 0},
	{"income", "Recognise bonus and child benefit", 5, doneBefore, when("Right in 95 of 100 accounts"), "", nil, 0},
	{"income", "Let the buyer correct what we recognised", 3, doneLast, when("The correction is kept with the offer"), "", nil, 0},
	{"documents", "Photograph a document and straighten it", 5, doneBefore, when("Readable in kitchen light"), "", nil, 0},
	{"documents", "Recognise which document it is", 8, doneLast, when("Ten kinds", "Asks when unsure"), "", nil, 0},
	{"documents", "Show which documents are still missing", 3, doneLast, when("Never asks for what we know"), "", nil, 0},
	{"offer", "Calculate an offer from income and price", 8, doneLast, when("Same result as the adviser's tool"), "", nil, 0},
	{"offer", "Show the monthly rate for three terms", 3, doneNow, when("With and without fees"), "", nil, 0},
	{"offer", "Sign the offer in the app", 8, doing, when("Valid as a qualified signature"), "", nil, 0},
	{"offer", "Explain every fee in one sentence", 2, review, when("Approved by compliance and by ten buyers"), "", nil, 0},
	{"offer", "Keep the offer open for fourteen days", 3, planned, when("Price changes do not touch it"), "", nil, 0},
	{"offer", "Offer rounds the rate up by a cent", 1, planned, when("Equals the contract to the cent"), "", bug("major", "Pilot", "Price 312,450, term 25 years: the app says 1,204.18, the contract 1,204.17."), 0},
	{"tracker", "Show the seven steps to the keys", 3, doneNow, when("Each has a date or a person"), "", nil, 0},
	{"tracker", "Tell me when the land registry has answered", 5, carried, when("Within an hour of the answer"), "", nil, 0},
	{"tracker", "Name the person who works on my loan", 2, planned, when("With a picture, if the person agrees"), "", nil, 0},
	{"tracker", "Share the status with the seller's agent", 3, ready, when("The link ends with the purchase"), "", nil, 0},
	{"tracker", "Status jumps back after a valuation", 3, ready, when("A finished step stays finished"), "", bug("minor", "Pilot", "Finish step 4; upload a second valuation; the tracker shows step 3."), 0},
	{"valuation", "Fetch comparable sales from the register", 5, draft, nil, "", nil, 0},
	{"certificate", "Read class and year from the certificate", 3, ready, when("Certificates since 2010"), "", nil, 0},
	{"certificate", "Show the better rate at once", 3, ready, when("While the photo uploads"), "", nil, 0},
	{"certificate", "Find subsidies by postal code", 5, draft, nil, "", nil, 0},
}

var demoTasks = []struct {
	story, title string
	hours        float64
	state        backlog.State
}{
	{"Write to employer and landlord for me", "Letter templates with Legal", 6, backlog.Done},
	{"Write to employer and landlord for me", "Hand the letters to the print service", 10, backlog.Doing},
	{"Write to employer and landlord for me", "Delivery receipts in the overview", 5, backlog.ToDo},
	{"Raise the limit with a second factor", "Threat model of raising a limit", 4, backlog.Done},
	{"Raise the limit with a second factor", "Cool-down period in the limit service", 8, backlog.Doing},
	{"Sign the offer in the app", "Connect the signature provider", 12, backlog.Doing},
	{"Sign the offer in the app", "Archive the signed offer", 6, backlog.ToDo},
	{"Block and reorder the card on a no", "Order the new card by event", 7, backlog.ToDo},
}

var demoLinks = []struct {
	kind, from, to, who string
	link                backlog.LinkKind
}{
	{"feature", "limits", "send-instant", "marek", backlog.Depends},
	{"feature", "ask", "score", "marek", backlog.Depends},
	{"feature", "capture", "replay", "yusuf", backlog.Blocks},
	{"feature", "offer", "income", "aisha", backlog.Depends},
	{"story", "Release the payment on a yes", "Ask “Was this you?” in the app", "rohan", backlog.Depends},
	{"story", "Limit starts anew at midnight of the wrong time zone", "Set a daily limit for instant payments", "chiara", backlog.Relates},
}

var demoComments = []struct {
	kind, on, who string
	ago           float64
	text          string
}{
	{"feature", "capture", "oskar", 10, "Raised with the vendor in the steering meeting; they commit to a patch without the user interface part."},
	{"feature", "capture", "yusuf", 9, "A patch is enough for current accounts. Savings would still wait."},
	{"feature", "offer", "lukas", 6, "Compliance agrees to “binding for employees with an account here”. Self-employed are the next epic, not this feature."},
	{"story", "Confirm custody with both parents", "sofia", 2, "Met Legal today, second draft by Thursday. Until then we build the code path behind the toggle."},
	{"story", "Give the child a view of its own", "ben", 8, "Larger than we thought: the overview mixes accounts in eleven places."},
	{"story", "Sign the offer in the app", "emil", 1.5, "The provider's test system signs; production keys come tomorrow."},
}
