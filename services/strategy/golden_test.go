package strategy

import (
	"testing"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
)

func TestGolden(t *testing.T) { estest.Golden(t, "testdata/events", Schemas...) }

// Two aggregates with one stored name would panic here.
func TestSchemasAreOneCatalog(t *testing.T) {
	if c := es.NewCatalog(Schemas...); c.Type("strategy.epic.go-decided.v1") == nil {
		t.Error("the catalog does not read a Go")
	}
}
