package estest_test

import (
	"testing"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
)

func TestLogInMemory(t *testing.T) {
	estest.LogContract(t, func(*testing.T) es.Log { return estest.NewLog() })
}
