package feedback

import "throughline.dev/pkg/fail"

// CustomerFact is what a decision needs to know of a customer that it names.
type CustomerFact struct {
	ID     CustomerID // as named
	State  State      // "": there is none
	Into   CustomerID // that it is merged into
	Target State      // of that one
}

// resolve returns the customer that stands for the named one: itself, or the
// one it is merged into.
func (f CustomerFact) resolve(field string) (CustomerID, error) {
	switch {
	case f.State == "":
		return "", fail.Invalid(field, "there is no customer with the id %s; register it first", f.ID)
	case f.State == Erased, f.State == Merged && f.Target == Erased:
		return "", ErrCustomerErased
	case f.State == Merged:
		return f.Into, nil
	}
	return f.ID, nil
}

// standing refuses a customer that does not stand for itself.
func (f CustomerFact) standing(field string) error {
	if _, err := f.resolve(field); err != nil {
		return err
	}
	if f.State == Merged {
		return ErrCustomerMerged.With("it is %s now", f.Into)
	}
	return nil
}

// IdeaFact is what a decision needs to know of an idea that it names.
type IdeaFact struct {
	State   State // "": there is none
	Into    IdeaID
	Product ProductID
}

// standing refuses an idea that is not there or merged.
func (f IdeaFact) standing(field string) error {
	switch f.State {
	case "":
		return fail.Invalid(field, "there is no idea with this id")
	case Merged:
		return ErrIdeaMerged.With("it is %s now", f.Into)
	}
	return nil
}

// open refuses an idea that nothing more can be wished of.
func (f IdeaFact) open(field string) error {
	if err := f.standing(field); err != nil {
		return err
	}
	if f.State == Shipped || f.State == Declined {
		return ErrIdeaEnded
	}
	return nil
}
