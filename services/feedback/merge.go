package feedback

import "throughline.dev/pkg/fail"

// MergeFacts is what a merge needs to know of both sides, whatever is merged.
type MergeFacts struct {
	Self     string    // the source's id
	Target   MergeSide // what it is to be merged into
	Absorbed bool      // something else is merged into the source
}

// MergeSide is one side of a merge.
type MergeSide struct {
	Exists  bool
	Merged  bool
	Erased  bool
	Product ProductID // empty where there is none
}

// Refusals of a merge (domain.md §4).
var (
	ErrMergeSelf         = fail.Refused("merge-self", "it cannot be merged into itself; choose another one")
	ErrMergeTarget       = fail.Refused("merge-target-merged", "the target is itself merged into another one; merge into that one")
	ErrMergeTargetErased = fail.Refused("merge-target-erased", "the target has been erased; choose another one")
	ErrMergeProduct      = fail.Refused("merge-other-product", "only what belongs to the same product can be merged; move one of them first")
	ErrMergeAbsorbed     = fail.Refused("merge-has-sources", "others are merged into this one and a merge redirects one hop only; unmerge them, then merge each into the target")
)

// check tells whether a source of a product may be merged into the target.
func (f MergeFacts) check(into string, source ProductID) error {
	switch {
	case into == "":
		return fail.Invalid("into", "name what it is to be merged into")
	case into == f.Self:
		return ErrMergeSelf
	case !f.Target.Exists:
		return fail.Invalid("into", "there is nothing of this kind with the id %s", into)
	case f.Target.Erased:
		return ErrMergeTargetErased
	case f.Target.Merged:
		return ErrMergeTarget
	case f.Target.Product != source:
		return ErrMergeProduct
	case f.Absorbed:
		return ErrMergeAbsorbed
	}
	return nil
}
