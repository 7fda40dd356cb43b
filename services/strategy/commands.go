package strategy

import "throughline.dev/pkg/es"

// Schemas are the stored names of all aggregates of the context.
var Schemas = []es.Decoder{PortfolioSchema, ValueStreamSchema, ProductSchema, VisionSchema, ThemeSchema, ObjectiveSchema, EpicSchema}
