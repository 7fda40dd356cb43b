// Package docs is the documentation of the public API as pages: what every
// operation takes and answers, and what each problem means.
package docs

import "strings"

// Model is the first page, or, with a Group, the page of one group.
type Model struct {
	Title, Version string
	Intro          []string // paragraphs
	Groups         []Group  // all of them, with the names of their operations
	Group          *Group   // the one that is shown in full
	Problems       []Problem
}

// Group is operations of one kind.
type Group struct {
	Name, Title, URL string
	Operations       []Operation
}

// Operation is one address with one method.
type Operation struct {
	ID, Method, Path, Summary string
	URL                       string // where it stands in full
	Text                      []string
	Parameters                []Field
	Body                      []Field
	Answers                   []Answer
}

// Answer is one response.
type Answer struct {
	Status, Text string
	Fields       []Field // empty where a problem is answered
}

// Field is one parameter, or one value in a body; nested ones have dotted names.
type Field struct {
	Name     string
	In       string // of a parameter: path, query or header
	Type     string
	Required bool
	Text     string
}

// Problem is one kind of error.
type Problem struct {
	Code, Status, Title, Text string
	From                      string // which part of the product says it
}

func pieces(s string) []string { return strings.Split(s, "`") }
