package gateway

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

func (g *Gateway) docs(c echo.Context) error {
	return c.Redirect(http.StatusSeeOther, "/api/openapi.json")
}
