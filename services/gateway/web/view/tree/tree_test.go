package tree

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"throughline.dev/services/gateway/web/part"
	"throughline.dev/services/gateway/web/rendertest"
)

func TestNodesSayTheirLevelAndFetchTheirChildrenOnce(t *testing.T) {
	m := Model{Live: part.Live{View: "tree"}, Roots: []Node{{ID: "v", Kind: "vision", Title: "Vision", Count: 2, Open: true, Children: []Node{
		{ID: "t", Kind: "theme", Title: "Theme", Count: 1, ChildrenURL: "/strategy/nodes/t"},
		{ID: "x", Kind: "theme", Title: "Alone", Note: "no objective"}}}}}
	d := rendertest.Render(t, Component(m))
	var got [][3]string
	for _, n := range d.All("[role=treeitem]") {
		got = append(got, [3]string{n.Attr("id"), n.Attr("aria-level"), n.Attr("aria-expanded")})
	}
	if diff := cmp.Diff([][3]string{{"item-v", "1", "true"}, {"item-t", "2", "false"}, {"item-x", "2", ""}}, got); diff != "" {
		t.Error(diff)
	}
	if got := d.One("[hx-trigger=open]"); got.Attr("hx-get") != "/strategy/nodes/t" || got.Attr("id") != "group-t" {
		t.Errorf("%s fetches %s", got.Attr("id"), got.Attr("hx-get"))
	}
}

func TestCoverageIsRoundedDown(t *testing.T) {
	for _, one := range []struct{ have, of, want int }{{0, 0, 100}, {0, 7, 0}, {999, 1000, 99}, {7, 7, 100}} {
		if got := (Coverage{Have: one.have, Of: one.of}).percent(); got != one.want {
			t.Errorf("%d of %d is %d %%, want %d", one.have, one.of, got, one.want)
		}
	}
}
