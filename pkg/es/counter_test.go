package es_test

import (
	"testing"

	"throughline.dev/pkg/boot/boottest"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/fail"
)

// counter is the smallest aggregate with a rule: it never goes beyond full.
type counter struct{ N int }

type counted struct{ By int }
type cleared struct{}

func (e counted) Evolve(s counter) counter { s.N += e.By; return s }
func (e cleared) Evolve(counter) counter   { return counter{} }

// unlisted is an event that the schema lacks.
type unlisted struct{}

func (unlisted) Evolve(s counter) counter { return s }

var counterSchema = es.NewSchema(
	es.On[counted]("test.counter.counted.v1"),
	es.On[cleared]("test.counter.cleared.v1"),
)

var counters = &es.Aggregate[counter]{Context: "test", Name: "counter", Plural: "counters", Schema: counterSchema}

const full = 100

var errFull = fail.Refused("counter-full", "it is full; clear it")

type add struct{ By int }

func (c add) Decide(s counter, _ es.Meta) ([]es.Event[counter], error) {
	switch {
	case c.By == 0:
		return nil, nil
	case s.N+c.By > full:
		return nil, errFull
	}
	return es.Happened(es.Event[counter](counted(c)))
}

type clear struct{}

func (clear) Decide(s counter, _ es.Meta) ([]es.Event[counter], error) {
	if s.N == 0 {
		return nil, nil
	}
	return es.Happened(es.Event[counter](cleared{}))
}

// decide is a decision that a test writes down in place.
type decide func(counter, es.Meta) ([]es.Event[counter], error)

func (d decide) Decide(s counter, m es.Meta) ([]es.Event[counter], error) { return d(s, m) }

// onBothLogs runs a rule on the log in memory and on the one in NATS.
func onBothLogs(t *testing.T, rule func(t *testing.T, log es.Log)) {
	t.Run("memory", func(t *testing.T) { rule(t, estest.NewLog()) })
	t.Run("NATS", func(t *testing.T) { rule(t, boottest.Log(t)) })
}

// wish is a try with a fresh commit id under a key.
func wish(t es.Tenant, id es.ID[counter], key string, c es.Command[counter]) es.Try[counter] {
	return es.Try[counter]{ID: id, Command: c,
		Meta: es.Meta{Tenant: t, ID: es.NewID[es.Person]().String(), Command: key, ActingAs: "system"}}
}
