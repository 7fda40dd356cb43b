package gateway

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"throughline.dev/pkg/api"
)

// pages is the table of contents of what people see.
func (g *Gateway) pages(e *echo.Echo) {
	e.GET("/static/*", echo.WrapHandler(g.assets))
}

func (g *Gateway) signInPage(c echo.Context, message string) error {
	return c.String(http.StatusOK, message)
}

func (g *Gateway) errorPage(c echo.Context, err error) {
	api.Write(c, g.logger, err)
}
