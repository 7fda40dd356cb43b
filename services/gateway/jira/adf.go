package jira

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// node is a part of an Atlassian document, the rich text of REST v3.
type node struct {
	Type    string
	Text    string
	Attrs   map[string]json.RawMessage
	Marks   []node
	Content []node
}

// wiki turns an Atlassian document into the wiki markup that every other
// Jira export uses, so that readers of Issue meet one form. What has no
// counterpart gives its text.
func wiki(raw json.RawMessage) string {
	var doc node
	if json.Unmarshal(raw, &doc) != nil || doc.Type != "doc" {
		return string(raw)
	}
	var w writer
	w.blocks(doc.Content, "")
	return strings.TrimSpace(w.String())
}

type writer struct{ strings.Builder }

func (n node) attr(name string) string {
	var s string
	if json.Unmarshal(n.Attrs[name], &s) == nil {
		return s
	}
	return strings.Trim(string(n.Attrs[name]), `"`)
}

// blocks writes paragraphs; bullet is the markers of the lists around them.
func (w *writer) blocks(nodes []node, bullet string) {
	for _, n := range nodes {
		switch n.Type {
		case "heading":
			level, _ := strconv.Atoi(n.attr("level"))
			w.WriteString("h" + strconv.Itoa(min(max(level, 1), 6)) + ". ")
			w.inline(n.Content)
			w.WriteString("\n\n")
		case "bulletList", "taskList", "decisionList":
			w.list(n.Content, bullet+"*")
		case "orderedList":
			w.list(n.Content, bullet+"#")
		case "codeBlock":
			w.WriteString("{code")
			if language := n.attr("language"); language != "" {
				w.WriteString(":" + language)
			}
			w.WriteString("}\n")
			w.inline(n.Content)
			w.WriteString("\n{code}\n\n")
		case "blockquote":
			w.wrap("{quote}\n", n.Content, bullet, "{quote}\n\n")
		case "panel":
			w.wrap("{panel}\n", n.Content, bullet, "{panel}\n\n")
		case "rule":
			w.WriteString("----\n\n")
		case "table":
			for _, row := range n.Content {
				w.row(row.Content)
			}
			w.WriteString("\n")
		case "mediaSingle", "mediaGroup":
			for _, media := range n.Content {
				if name := media.attr("alt"); name != "" {
					w.WriteString("!" + name + "!\n")
				}
			}
			w.WriteString("\n")
		case "expand", "nestedExpand", "layoutSection", "layoutColumn":
			w.blocks(n.Content, bullet)
		default:
			w.inline([]node{n})
			w.WriteString("\n\n")
		}
	}
}

func (w *writer) wrap(before string, nodes []node, bullet, after string) {
	w.WriteString(before)
	w.blocks(nodes, bullet)
	w.WriteString(after)
}

func (w *writer) list(items []node, bullet string) {
	for _, item := range items {
		w.WriteString(bullet + " ")
		for i, part := range item.Content {
			switch part.Type {
			case "bulletList", "orderedList", "taskList":
				w.blocks([]node{part}, bullet)
			case "paragraph":
				if i > 0 {
					w.WriteString("\\\\ ")
				}
				w.inline(part.Content)
				w.WriteString("\n")
			default:
				w.inline([]node{part})
			}
		}
		if item.Type != "listItem" {
			w.WriteString("\n")
		}
	}
	if len(bullet) == 1 {
		w.WriteString("\n")
	}
}

func (w *writer) row(cells []node) {
	mark := "|"
	for _, c := range cells {
		mark = "|"
		if c.Type == "tableHeader" {
			mark = "||"
		}
		var text writer
		text.blocks(c.Content, "")
		w.WriteString(mark + strings.ReplaceAll(strings.TrimSpace(text.String()), "\n\n", "\n"))
	}
	w.WriteString(mark + "\n")
}

// marks around text, in wiki markup.
var marks = map[string]string{"strong": "*", "em": "_", "underline": "+", "strike": "-"}

func (w *writer) inline(nodes []node) {
	for _, n := range nodes {
		switch n.Type {
		case "text":
			before, after := "", ""
			for _, m := range n.Marks {
				switch {
				case m.Type == "code":
					before, after = before+"{{", "}}"+after
				case m.Type == "link":
					before, after = before+"[", "|"+m.attr("href")+"]"+after
				case marks[m.Type] != "":
					before, after = before+marks[m.Type], marks[m.Type]+after
				}
			}
			w.WriteString(before + n.Text + after)
		case "hardBreak":
			w.WriteString("\n")
		case "mention", "emoji", "status", "placeholder":
			w.WriteString(n.attr("text"))
		case "inlineCard", "blockCard", "embedCard":
			w.WriteString(n.attr("url"))
		case "date":
			if ms, err := strconv.ParseInt(n.attr("timestamp"), 10, 64); err == nil {
				w.WriteString(time.UnixMilli(ms).UTC().Format(time.DateOnly))
			}
		default:
			w.inline(n.Content)
		}
	}
}
