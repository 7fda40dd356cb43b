package api

import (
	"context"
	"net/http"

	"throughline.dev/pkg/es"
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

// ErrSignIn is what a request without a valid token or session gets.
var ErrSignIn = problem(http.StatusUnauthorized, "Sign in first", "unauthorized",
	"send Authorization: Bearer with an API token (throughline token create makes one), or sign in with a browser")

// From returns who asks; ErrSignIn when nobody did.
func From(ctx context.Context) (Principal, error) {
	p, ok := ctx.Value(principalKey{}).(Principal)
	if !ok {
		return Principal{}, ErrSignIn
	}
	return p, nil
}
