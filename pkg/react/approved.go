package react

import "throughline.dev/pkg/rights"

// ApplyApproved runs the command of an approved proposal, under the rights of
// the person who approved it.
func ApplyApproved(context string) Policy {
	return When("apply-approved-"+context, context+".proposal.approved.v1", func(e rights.ProposalApproved, h Happening) []Wish {
		return []Wish{{Command: context + ".proposal.apply", ID: h.ID(), Body: struct{}{}, As: e.By}}
	})
}
