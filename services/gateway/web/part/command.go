package part

import (
	"strconv"

	"github.com/a-h/templ"
)

// Command is a dialog that sends one command of the public API. Its form
// becomes a JSON body: a dotted name is a nested field, a checkbox a boolean,
// a number a number, an empty optional field nothing.
type Command struct {
	ID      string // of the dialog element
	Title   string
	Intro   string
	Submit  string // the word on the button
	Path    string // such as /api/v1/epics/{id}/move
	Version uint64 // the version it was decided on, sent as If-Match; 0 sends none
	Done    string // said when it has been done
	Danger  bool
	Flow    string // names the steps in a page's script, where one command is not enough; empty: this command alone
	Fields  []Field
}

func (c Command) version() string {
	if c.Version == 0 {
		return ""
	}
	return strconv.FormatUint(c.Version, 10)
}

// Field is one field of a command.
type Field struct {
	Name     string // JSON name, dotted for nested
	Label    string
	Kind     string // "text", "area", "select", "check", "number", "date", "item" or "hidden"
	Value    string
	Hint     string
	Of       string // "item": the kinds that may be chosen, such as "feature,epic"
	Min, Max string
	Required bool
	Typed    bool // "item": what is chosen is sent as Name.id and Name.kind
	Number   bool // a number is sent, whatever the kind of field
	Options  []Option
}

func described(dialog string, f Field) templ.Attributes {
	id := dialog + "-" + f.Name
	a := templ.Attributes{"aria-describedby": id + "-hint " + id + "-error"}
	if f.Number {
		a["data-number"] = true
	}
	return a
}

func limits(f Field) templ.Attributes {
	a := templ.Attributes{}
	if f.Min != "" {
		a["min"] = f.Min
	}
	if f.Max != "" {
		a["max"] = f.Max
	}
	return a
}
