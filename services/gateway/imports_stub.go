package gateway

import "github.com/labstack/echo/v4"

func (g *Gateway) postImport(c echo.Context) error { return echo.ErrNotImplemented }
