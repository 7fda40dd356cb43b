package feedback

import (
	"strconv"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/rights"
)

// Who may decide (domain.md §5.2). What everybody who may write may do has no
// decision type.
const (
	triage     rights.Decision = "feedback.triage"
	linking    rights.Decision = "insight.link"
	ideaStatus rights.Decision = "idea.status"
	everybody  rights.Decision = ""
)

// Schemas are the stored names of this context.
var Schemas = []es.Decoder{CustomerSchema, FeedbackSchema, InsightSchema, IdeaSchema, VoteSchema}

// Commands are the commands of this context.
var Commands = []command.Spec{
	command.Create[RegisterCustomer](Customers, "register", everybody, "Register a customer; the same external id is the same customer.",
		command.Numbered[Customer, RegisterCustomer]("CU"), command.Keyed(registeredAs)),
	command.On[UpdateCustomerProfile](Customers, "update-profile", everybody, "Replace what is known about a customer: name, revenue, tier, segments, owner.",
		command.Strict[Customer, UpdateCustomerProfile]()),
	command.On[AddContact](Customers, "add-contact", everybody, "Name a person who speaks for the customer."),
	command.On[RemoveContact](Customers, "remove-contact", everybody, "Say that a person no longer speaks for the customer."),
	command.On[ChurnCustomer](Customers, "churn", everybody, "Record that the customer left."),
	command.On[ReturnCustomer](Customers, "return", everybody, "Record that a customer who had left came back."),
	command.On[MergeCustomer](Customers, "merge-into", everybody, "Say that the customer is the same one as another.", command.Facts(mergeCustomerFacts)),
	command.On[UnmergeCustomer](Customers, "unmerge", everybody, "Take a merge back; nothing is lost."),
	command.On[EraseCustomer](Customers, "erase", rights.PolicyChange, "Forget the customer for good.", command.Strict[Customer, EraseCustomer]()),

	command.Create[CaptureFeedback](Feedbacks, "capture", everybody, "Take in what somebody said, asked or sent up from a team.",
		command.Numbered[Feedback, CaptureFeedback]("FB"), command.Keyed(capturedAs), command.Facts(captureFacts)),
	command.On[TriageFeedback](Feedbacks, "triage", triage, "Say what it is about: kind, product, team, customer.", command.Facts(triageFacts)),
	command.On[AssignFeedback](Feedbacks, "assign", triage, "Say who takes care of it, and by when it needs an answer."),
	command.On[LinkFeedbackInsight](Feedbacks, "link-insight", linking, "Say that a part of it has become an insight.", command.Facts(linkFeedbackFacts)),
	command.On[AnswerFeedback](Feedbacks, "answer", everybody, "Reply to it."),
	command.On[DismissFeedback](Feedbacks, "dismiss", triage, "Say why nothing will come of it."),
	command.On[MergeFeedback](Feedbacks, "merge-into", triage, "Say that another piece of feedback is the same.", command.Facts(mergeFeedbackFacts)),
	command.On[UnmergeFeedback](Feedbacks, "unmerge", triage, "Take a merge back; nothing is lost."),
	command.On[CloseFeedback](Feedbacks, "close", triage, "Say that nothing more is to be done."),
	command.On[ReopenFeedback](Feedbacks, "reopen", triage, "Take a closed one up again."),

	command.Create[CreateInsight](Insights, "create", everybody, "Remember an excerpt of a piece of feedback.",
		command.Numbered[Insight, CreateInsight]("IN"), command.Keyed(createdAs), command.Facts(createInsightFacts)),
	command.On[LinkInsight](Insights, "link-to", linking, "Say which feature, epic or idea the insight asks for.", command.Facts(linkInsightFacts)),
	command.On[UnlinkInsight](Insights, "unlink", linking, "Take a link away."),
	command.On[SetInsightImportance](Insights, "set-importance", linking, "Say how much it matters to whoever said it."),
	command.On[MarkInsightActedOn](Insights, "mark-acted-on", linking, "Say that what the insight asked for has been done."),
	command.On[ArchiveInsight](Insights, "archive", linking, "Say that the insight no longer counts."),
	command.On[RestoreInsight](Insights, "restore", linking, "Let an archived insight count again."),

	command.Create[ProposeIdea](Ideas, "propose", everybody, "Put an idea for a product forward.",
		command.Numbered[Idea, ProposeIdea]("I"), command.Keyed(proposedAs), command.Facts(proposeFacts)),
	command.On[ReviseIdea](Ideas, "revise", ideaStatus, "Replace what the idea says.", command.Strict[Idea, ReviseIdea]()),
	command.On[SetIdeaStatus](Ideas, "set-status", ideaStatus, "Move the idea one status forward or back to an earlier one."),
	command.On[DeclineIdea](Ideas, "decline", ideaStatus, "Say in public why nothing will come of the idea."),
	command.On[PromoteIdea](Ideas, "promote", ideaStatus, "Ask the backlog to make a feature of the idea."),
	command.On[MarkIdeaShipped](Ideas, "mark-shipped", ideaStatus, "Say that users have it."),
	command.On[ReopenIdea](Ideas, "reopen", ideaStatus, "Judge a declined or shipped idea anew."),
	command.On[MergeIdea](Ideas, "merge-into", ideaStatus, "Say that another idea is the same; votes count there, once per person.", command.Facts(mergeIdeaFacts)),
	command.On[UnmergeIdea](Ideas, "unmerge", ideaStatus, "Take a merge back; nothing is lost."),
	command.On[RecordPromotionSucceeded](Ideas, "record-promotion-succeeded", everybody, "Record which item the backlog made of the idea.",
		command.Internal[Idea, RecordPromotionSucceeded]()),
	command.On[RecordPromotionFailed](Ideas, "record-promotion-failed", everybody, "Record why the backlog did not take the idea.",
		command.Internal[Idea, RecordPromotionFailed]()),

	command.Create[CastVote](Votes, "cast", everybody, "Ask for an idea: yourself, for a person, or for a customer.",
		command.Keyed(castAs), command.Facts(castFacts)),
	command.On[ChangeVoteImportance](Votes, "change-importance", everybody, "Say how much the voter wants it.", command.Facts(changeVoteFacts)),
	command.On[RetractVote](Votes, "retract", everybody, "Take the vote back.", command.Facts(retractFacts)),
}

// CustomerOf is the customer with an external id.
func CustomerOf(t es.Tenant, externalID string) CustomerID {
	return es.DeriveID[Customer](t.String(), "customer", externalID)
}

// FeedbackOf is the piece of feedback with an external id.
func FeedbackOf(t es.Tenant, externalID string) FeedbackID {
	return es.DeriveID[Feedback](t.String(), "feedback", externalID)
}

// IdeaOf is the idea with an external id.
func IdeaOf(t es.Tenant, externalID string) IdeaID {
	return es.DeriveID[Idea](t.String(), "idea", externalID)
}

// InsightOf is the insight of a stretch of a piece of feedback.
func InsightOf(t es.Tenant, of FeedbackID, start, end int) InsightID {
	return es.DeriveID[Insight](t.String(), "insight", of.String(), strconv.Itoa(start), strconv.Itoa(end))
}

// VoteOf is the vote of a person for an idea, or, where no person is named, of
// a customer.
func VoteOf(t es.Tenant, idea IdeaID, person es.PersonID, customer CustomerID) VoteID {
	if person != "" {
		return es.DeriveID[Vote](t.String(), "vote", idea.String(), "person", person.String())
	}
	return es.DeriveID[Vote](t.String(), "vote", idea.String(), "customer", customer.String())
}

func registeredAs(m es.Meta, c RegisterCustomer) CustomerID {
	if c.ExternalID == "" {
		return sent[Customer](m, "customer")
	}
	return CustomerOf(m.Tenant, c.ExternalID)
}

func capturedAs(m es.Meta, c CaptureFeedback) FeedbackID {
	if c.ExternalID == "" {
		return sent[Feedback](m, "feedback")
	}
	return FeedbackOf(m.Tenant, c.ExternalID)
}

func proposedAs(m es.Meta, c ProposeIdea) IdeaID {
	if c.ExternalID == "" {
		return sent[Idea](m, "idea")
	}
	return IdeaOf(m.Tenant, c.ExternalID)
}

func createdAs(m es.Meta, c CreateInsight) InsightID {
	return InsightOf(m.Tenant, c.Excerpt.Feedback, c.Excerpt.Start, c.Excerpt.End)
}

func castAs(m es.Meta, c CastVote) VoteID {
	person, customer := c.voter(m)
	return VoteOf(m.Tenant, c.Idea, person, customer)
}

// sent is the id of what has no key of its own: the same request always gives
// the same.
func sent[S any](m es.Meta, what string) es.ID[S] {
	return es.DeriveID[S](m.Tenant.String(), what, "sent by", m.Actor.String(), m.Command)
}
