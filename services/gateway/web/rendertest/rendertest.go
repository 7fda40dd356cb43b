// Package rendertest renders a component and looks things up in what came out,
// as a reader of the page would: by class, id or attribute, not by its exact
// text.
package rendertest

import (
	"context"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"
)

// Doc is a rendered component.
type Doc struct {
	t    testing.TB
	root *html.Node
}

// Render renders c and parses the result.
func Render(t testing.TB, c templ.Component) Doc {
	t.Helper()
	var b strings.Builder
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatalf("render: %v", err)
	}
	root, err := html.Parse(strings.NewReader(b.String()))
	if err != nil {
		t.Fatalf("parse what was rendered: %v", err)
	}
	return Doc{t, root}
}

// All finds every element that a simple selector names: tag, .class, #id,
// [attribute] or [attribute=value], or several of them after one another.
func (d Doc) All(selector string) []Element {
	var found []Element
	parts := split(selector)
	for n := range d.root.Descendants() {
		if n.Type == html.ElementNode && matches(n, parts) {
			found = append(found, Element{n})
		}
	}
	return found
}

// One finds the only element of selector, and fails the test if there is none
// or another.
func (d Doc) One(selector string) Element {
	d.t.Helper()
	found := d.All(selector)
	if len(found) != 1 {
		d.t.Fatalf("%d elements are %s, want 1", len(found), selector)
	}
	return found[0]
}

// Element is one element of a Doc.
type Element struct{ node *html.Node }

// Text is the text in the element with single spaces.
func (e Element) Text() string {
	var b strings.Builder
	for n := range e.node.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
			b.WriteString(" ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// Attr is the value of an attribute, "" if it has none.
func (e Element) Attr(name string) string {
	v, _ := attr(e.node, name)
	return v
}

// Texts are the texts of every element of selector, in order.
func (d Doc) Texts(selector string) []string {
	var texts []string
	for _, e := range d.All(selector) {
		texts = append(texts, e.Text())
	}
	return texts
}

// split cuts "li.card[data-id=1]" into "li", ".card", "[data-id=1]".
func split(selector string) []string {
	var parts []string
	for at := 0; at < len(selector); {
		end := at + 1
		if selector[at] == '[' {
			end = at + strings.IndexByte(selector[at:], ']') + 1
		} else {
			for end < len(selector) && !strings.ContainsRune(".#[", rune(selector[end])) {
				end++
			}
		}
		parts = append(parts, selector[at:end])
		at = end
	}
	return parts
}

func matches(n *html.Node, parts []string) bool {
	for _, part := range parts {
		switch part[0] {
		case '.':
			class, _ := attr(n, "class")
			if !strings.Contains(" "+class+" ", " "+part[1:]+" ") {
				return false
			}
		case '#':
			if id, _ := attr(n, "id"); id != part[1:] {
				return false
			}
		case '[':
			name, want, valued := strings.Cut(strings.Trim(part, "[]"), "=")
			got, ok := attr(n, name)
			if !ok || valued && got != want {
				return false
			}
		default:
			if n.Data != part {
				return false
			}
		}
	}
	return true
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}
