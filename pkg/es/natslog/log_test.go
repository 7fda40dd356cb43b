package natslog_test

import (
	"testing"

	"throughline.dev/pkg/boot/boottest"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
)

func TestLogInJetStream(t *testing.T) {
	estest.LogContract(t, func(t *testing.T) es.Log { return boottest.Log(t) })
}
