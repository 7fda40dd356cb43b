package command_test

import (
	"testing"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es/estest"
)

func TestStoredEventsStillRead(t *testing.T) {
	estest.Golden(t, "testdata/events", command.NumberingSchemas...)
}
