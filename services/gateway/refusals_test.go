package gateway

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"throughline.dev/pkg/es"
)

var golden = flag.Bool("golden", false, "write refusals.json anew from the sources")

// TestGoldenRefusals keeps the documentation of refusals to what the sources
// say: every fail.Refused of the product, with its code and sentence.
func TestGoldenRefusals(t *testing.T) {
	var all []Refusal
	for context, dir := range map[string]string{"strategy": "../strategy", "backlog": "../backlog", "feedback": "../feedback", "rights": "../../pkg/rights",
		"commands": "../../pkg/es", "import": "importer", "jira": "jira", "imports": ".", "identity": "identity", "views": "../../pkg/view"} {
		all = append(all, refusalsIn(t, context, dir)...)
	}
	slices.SortFunc(all, func(a, b Refusal) int { return strings.Compare(a.Code+a.Context, b.Code+b.Context) })
	for i := 1; i < len(all); i++ {
		if all[i].Code == all[i-1].Code {
			t.Errorf("%s is a code of %s and of %s: a code names one rule", all[i].Code, all[i-1].Context, all[i].Context)
		}
	}
	if len(all) < 100 {
		t.Fatalf("only %d refusals were found: are the sources where they were?", len(all))
	}
	want, err := json.MarshalIndent(all, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *golden && !bytes.Equal(want, refusals) {
		if err := os.WriteFile("refusals.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(want), string(refusals)); diff != "" {
		t.Errorf("refusals.json is not what the sources say (make golden writes it):\n%s", diff)
	}
}

// refusalsIn finds the calls fail.Refused("code", "text") of a package.
func refusalsIn(t *testing.T, context, dir string) []Refusal {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources in %s: %v", dir, err)
	}
	var all []Refusal
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 2 {
				return true
			}
			f, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || f.Sel.Name != "Refused" {
				return true
			}
			code, isCode := literal(call.Args[0])
			text, isText := literal(call.Args[1])
			if isCode && isText {
				status := 409
				if code == es.ErrKeyReused.Code {
					status = 422
				}
				all = append(all, Refusal{Code: code, Status: status, Text: text, Context: context})
			}
			return true
		})
	}
	return all
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}
