package gateway

import (
	"context"
	"time"

	"throughline.dev/pkg/api"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/view"
	"throughline.dev/services/gateway/identity"
)

// TokenRequest asks for an API token.
type TokenRequest struct {
	Name   string `json:"name" minLength:"1" maxLength:"100" doc:"What it is for."`
	Scope  string `json:"scope" enum:"read,write,admin"`
	Days   int    `json:"days" minimum:"1" maximum:"365" doc:"Days until it expires."`
	Person string `json:"person,omitempty" maxLength:"26" doc:"Whom it acts for; yourself when left out. Only an administrator may name somebody else."`
}

// TokenInfo is what is shown of a token.
type TokenInfo struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Scope      string    `json:"scope"`
	Person     string    `json:"person"`
	PersonName string    `json:"personName"`
	Created    time.Time `json:"createdAt"`
	Expires    time.Time `json:"expiresAt"`
}

// NewToken is a token that was just made.
type NewToken struct {
	TokenInfo
	Token string `json:"token" doc:"The secret; it is never shown again."`
}

// TokenList is an organisation's tokens.
type TokenList struct {
	Items []TokenInfo `json:"items"`
}

// ViewList is how the views are.
type ViewList struct {
	Items []view.Status `json:"items"`
}

// PersonInfo is what is shown of a person.
type PersonInfo struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Title    string `json:"title,omitempty"`
	Admin    bool   `json:"admin,omitempty"`
	Imported bool   `json:"imported,omitempty" doc:"Met in an import; cannot sign in."`
	Source   string `json:"source,omitempty"`
}

// People is an organisation's people.
type People struct {
	Items []PersonInfo `json:"items"`
}

// administration adds what administrators read and do.
func (g *Gateway) administration() {
	api.Get(g.api, Prefix+"/views", "list-views", "administration", "How the read models are: position, lag, state.",
		func(ctx context.Context, p api.Principal, _ *struct{}) (*AnswerOut[ViewList], error) {
			all, err := g.models.Status(ctx)
			return &AnswerOut[ViewList]{ViewList{all}}, err
		})
	api.Get(g.api, Prefix+"/tokens", "list-tokens", "administration", "The API tokens: one's own, or, for an administrator, all.",
		func(_ context.Context, p api.Principal, _ *struct{}) (*AnswerOut[TokenList], error) {
			list := TokenList{Items: []TokenInfo{}}
			for _, t := range g.people.Tokens(p.Tenant) {
				if p.Admin || t.Person == p.Person {
					list.Items = append(list.Items, g.tokenInfo(t))
				}
			}
			return &AnswerOut[TokenList]{list}, nil
		})
	api.Get(g.api, Prefix+"/people", "list-people", "administration", "The organisation's people.",
		func(_ context.Context, p api.Principal, _ *struct{}) (*AnswerOut[People], error) {
			list := People{Items: []PersonInfo{}}
			for _, one := range g.people.People(p.Tenant) {
				list.Items = append(list.Items, PersonInfo{one.ID.String(), one.Name, one.Title, one.Admin, one.Imported, one.Source})
			}
			return &AnswerOut[People]{list}, nil
		})
	api.Post(g.api, Prefix+"/tokens", "create-token", "administration", "Make an API token.", g.createToken)
	api.Post(g.api, Prefix+"/tokens/{id}/revoke", "revoke-token", "administration", "End an API token at once.", g.revokeToken)
	api.Post(g.api, Prefix+"/views/{name}/rebuild", "rebuild-view", "administration", "Rebuild a view beside the live one.", g.rebuildView)
}

func (g *Gateway) tokenInfo(t identity.Token) TokenInfo {
	return TokenInfo{t.ID, t.Name, string(t.Scope), t.Person.String(), g.people.Name(t.Tenant, t.Person.String()), t.Created, t.Expires}
}

type createTokenIn struct{ Body TokenRequest }

func (g *Gateway) createToken(ctx context.Context, p api.Principal, in *createTokenIn) (*AnswerOut[NewToken], error) {
	person := p.Person
	if in.Body.Person != "" && in.Body.Person != p.Person.String() {
		if !p.Admin {
			return nil, errAdmin
		}
		id, err := es.ParseID[es.Person](in.Body.Person)
		if err != nil {
			return nil, fail.Invalid("person", "%s", err.Error())
		}
		person = id
	}
	scope := identity.Scope(in.Body.Scope)
	if (scope == identity.Admin && !p.Admin) || (scope == identity.Write && !p.Write) {
		return nil, fail.Forbidden("nobody makes a token that may more than they do")
	}
	secret, t, err := g.people.IssueToken(ctx, p.Tenant, person, in.Body.Name, scope, time.Duration(in.Body.Days)*24*time.Hour)
	return &AnswerOut[NewToken]{NewToken{g.tokenInfo(t), secret}}, err
}

type namedIn struct {
	ID string `path:"id" maxLength:"40"`
}

func (g *Gateway) revokeToken(ctx context.Context, p api.Principal, in *namedIn) (*struct{}, error) {
	for _, t := range g.people.Tokens(p.Tenant) {
		if t.ID == in.ID && (p.Admin || t.Person == p.Person) {
			return nil, g.people.RevokeToken(ctx, p.Tenant, in.ID)
		}
	}
	return nil, fail.NotFound("token", shorten(in.ID))
}

type viewIn struct {
	Name string `path:"name" maxLength:"40"`
}

// rebuildView starts a rebuild and does not wait for it; GET /views shows how
// far it is.
func (g *Gateway) rebuildView(ctx context.Context, p api.Principal, in *viewIn) (*struct{}, error) {
	if !p.Admin {
		return nil, errAdmin
	}
	all, err := g.models.Status(ctx)
	if err != nil {
		return nil, err
	}
	for _, v := range all {
		if v.Name != in.Name {
			continue
		}
		go func() {
			if err := g.models.Rebuild(context.WithoutCancel(ctx), in.Name); err != nil {
				g.logger.Error("rebuild", "view", in.Name, "error", err)
			}
		}()
		return nil, nil
	}
	return nil, fail.NotFound("view", shorten(in.Name))
}

var errAdmin = fail.Forbidden("only an administrator of the organisation may do this").By("an administrator")
