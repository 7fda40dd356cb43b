package api

import (
	"context"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// Principal is who asks. Everything that reads or writes is bound to its
// Tenant; there is no other way to a tenant from a request.
type Principal struct {
	Tenant es.Tenant
	Person es.PersonID
	Name   string
	Write  bool // may send commands
	Admin  bool // may administer the organisation: people, tokens
}

type principalKey struct{}

// WithPrincipal returns a context that carries p.
func WithPrincipal(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// From returns who asks; Forbidden when nobody signed in.
func From(ctx context.Context) (Principal, error) {
	p, ok := ctx.Value(principalKey{}).(Principal)
	if !ok {
		return Principal{}, fail.Forbidden("sign in first")
	}
	return p, nil
}
