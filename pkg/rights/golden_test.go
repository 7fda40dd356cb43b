package rights_test

import (
	"testing"

	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/rights"
)

func TestStoredEventsStillRead(t *testing.T) {
	estest.Golden(t, "testdata/events", rights.Schemas...)
}
