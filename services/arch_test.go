// Package services holds the meaning; its only test says who may import whom.
package services

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const (
	own  = "throughline.dev/services/"
	mech = "throughline.dev/pkg/"
)

// rules say, for packages below a folder, which of our own packages and which
// others they may import. The first rule that fits a package holds.
var rules = []struct {
	folder string
	may    []string // prefixes of imports of ours
	no     []string // imports that are forbidden, ours or not
	why    string
}{
	{"strategy/service", []string{mech, own + "strategy"}, []string{"net/http"}, "a context knows no other context"},
	{"backlog/service", []string{mech, own + "backlog"}, []string{"net/http"}, "a context knows no other context"},
	{"feedback/service", []string{mech, own + "feedback"}, []string{"net/http"}, "a context knows no other context"},
	{"strategy", []string{mech + "es", mech + "fail", mech + "rights", mech + "command", mech + "view"}, impure, "decisions are pure"},
	{"backlog", []string{mech + "es", mech + "fail", mech + "rights", mech + "command", mech + "view"}, impure, "decisions are pure"},
	{"feedback", []string{mech + "es", mech + "fail", mech + "rights", mech + "command", mech + "view"}, impure, "decisions are pure"},
	{"portfolio", []string{mech + "es", mech + "fail", mech + "rights", mech + "view", own + "strategy", own + "backlog", own + "feedback"}, impure, "folds are pure"},
	{"gateway/web", []string{own + "gateway/web"}, nil, "components take view models, never domain objects"},
	{"gateway/jira", []string{mech + "fail"}, nil, "reading a Jira export needs none of our meaning"},
	{"gateway", []string{mech, own}, []string{own + "throughline"}, "the edge is below the program"},
	{"throughline", []string{mech, own}, nil, "the program joins everything"},
}

// impure are ways to a clock, chance or the outside.
var impure = []string{"net", "net/http", "os", "math/rand", "math/rand/v2", "crypto/rand",
	"github.com/nats-io/nats.go", "github.com/redis/go-redis/v9", "github.com/labstack/echo/v4"}

func TestImports(t *testing.T) {
	eachFile(t, ".", func(folder, file string, imports []string) {
		for _, r := range rules {
			if folder != r.folder && !strings.HasPrefix(folder, r.folder+"/") {
				continue
			}
			for _, i := range imports {
				if strings.HasPrefix(i, "throughline.dev/") && !startsWithOne(i, r.may) {
					t.Errorf("%s imports %s: %s", file, i, r.why)
				}
				for _, n := range r.no {
					if i == n {
						t.Errorf("%s imports %s: %s", file, i, r.why)
					}
				}
			}
			return
		}
		if folder != "." {
			t.Errorf("%s: no rule says what %s may import; add one", file, folder)
		}
	})
}

// TestMechanismKnowsNoMeaning: pkg imports nothing of services.
func TestMechanismKnowsNoMeaning(t *testing.T) {
	eachFile(t, "../pkg", func(_, file string, imports []string) {
		for _, i := range imports {
			if strings.HasPrefix(i, own) {
				t.Errorf("%s imports %s: the mechanism knows no epic and no story", file, i)
			}
		}
	})
}

func startsWithOne(i string, prefixes []string) bool {
	for _, p := range prefixes {
		if i == p || strings.HasPrefix(i, strings.TrimSuffix(p, "/")+"/") {
			return true
		}
	}
	return false
}

// eachFile visits the program's files, tests left out, with their imports.
func eachFile(t *testing.T, root string, visit func(folder, file string, imports []string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		var imports []string
		for _, i := range f.Imports {
			path, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			imports = append(imports, path)
		}
		folder, err := filepath.Rel(root, filepath.Dir(file))
		visit(filepath.ToSlash(folder), file, imports)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
