package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
)

// sender sends commands of one person, one after the other, and stops at the
// first that fails. Its keys are counted, so that a seed that was cut off and
// begins again repeats itself without doubling anything.
type sender struct {
	client *command.Client
	tenant es.Tenant
	actor  es.PersonID
	key    string
	sent   int
	failed error
}

func (a *app) sender(t es.Tenant, actor es.PersonID, key string) *sender {
	return &sender{client: command.NewClient(a.nc), tenant: t, actor: actor, key: key}
}

// do sends one command and returns the id of its aggregate; "" once something
// has failed.
func (s *sender) do(ctx context.Context, name, id string, body any) string {
	if s.failed != nil {
		return ""
	}
	data, err := json.Marshal(body)
	if err != nil {
		s.failed = fmt.Errorf("%s: %w", name, err)
		return ""
	}
	s.sent++
	answer, err := s.client.Send(ctx, name, command.Request{ID: id, Body: data, Meta: es.Meta{
		Tenant: s.tenant, Actor: s.actor, Command: s.key + "-" + strconv.Itoa(s.sent)}})
	if err != nil {
		s.failed = fmt.Errorf("%s %s: %w", name, data, err)
		return ""
	}
	if answer.Proposal != "" {
		s.failed = fmt.Errorf("%s %s: became a proposal; its sender may not decide it", name, data)
		return ""
	}
	return answer.ID
}
