// Package fail holds the five kinds of error that a caller can do something
// about. Everything that is none of them is a bug or an outage.
package fail

import (
	"errors"
	"fmt"
)

// Kind says what the caller can do about an error.
type Kind int

const (
	KindInvalid   Kind = iota + 1 // the input is wrong; Field and Text say where and what would be right
	KindNotFound                  // there is no such thing, or not for this caller
	KindRefused                   // a rule of the domain says no; Code names the rule
	KindStale                     // somebody was faster; Version is the current one
	KindForbidden                 // this caller may not
)

// Error is one of the five kinds. It is a value to read, never to match by text.
type Error struct {
	Kind    Kind
	Code    string // stable name of the rule, such as "epic-case-moved"
	Field   string // JSON path of the wrong field, KindInvalid only
	Text    string // a sentence for people
	Who     string // who can do it, KindRefused and KindForbidden
	Right   string // the decision type that was missing, KindForbidden
	Version uint64 // the current version, KindStale
}

func (e *Error) Error() string {
	if e.Field != "" {
		return e.Field + ": " + e.Text
	}
	return e.Text
}

// Is makes two errors of the same kind and code equal, so that a refusal
// whose text was filled in still matches its sentinel.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind && t.Code == e.Code && (t.Field == "" || t.Field == e.Field)
}

// Invalid says that a field is wrong and what would be right.
func Invalid(field, format string, args ...any) *Error {
	return &Error{Kind: KindInvalid, Code: "invalid", Field: field, Text: fmt.Sprintf(format, args...)}
}

// NotFound says that there is no such thing.
func NotFound(what, id string) *Error {
	return &Error{Kind: KindNotFound, Code: "not-found", Text: fmt.Sprintf("there is no %s %q", what, id)}
}

// Refused is a rule of the domain that says no. The code never changes.
func Refused(code, text string) *Error {
	return &Error{Kind: KindRefused, Code: code, Text: text}
}

// Stale says that the thing has moved on to version.
func Stale(version uint64) *Error {
	return &Error{Kind: KindStale, Code: "stale", Version: version,
		Text: fmt.Sprintf("it has changed meanwhile: its version is now %d; read it again and repeat", version)}
}

// Forbidden says that this caller may not.
func Forbidden(text string) *Error {
	return &Error{Kind: KindForbidden, Code: "forbidden", Text: text}
}

// By returns a copy of e that says who can do it.
func (e *Error) By(who string) *Error {
	c := *e
	c.Who = who
	return &c
}

// With returns a copy of e whose text is followed by what it was about.
func (e *Error) With(format string, args ...any) *Error {
	c := *e
	c.Text += ": " + fmt.Sprintf(format, args...)
	return &c
}

// As returns the first Error in err's tree.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// All returns every Error in err's tree, in order; a joined error has several.
func All(err error) []*Error {
	switch e := err.(type) {
	case nil:
		return nil
	case *Error:
		return []*Error{e}
	case interface{ Unwrap() []error }:
		var all []*Error
		for _, one := range e.Unwrap() {
			all = append(all, All(one)...)
		}
		return all
	default:
		return All(errors.Unwrap(err))
	}
}
